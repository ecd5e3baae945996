/** metrics: who may read them, and how refusals are counted. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { METRICS } from "../../metrics/sample_metrics.ts";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, PUBLISHER_KEY, unexpected } from "../test_app.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };

/** Stubbed metrics, and the statuses that were counted. */
function setUp() {
  const refused: number[] = [];
  const metrics = {
    refused: (status: number) => void refused.push(status),
    requested() {},
  };
  return { metrics, readMetrics: () => Promise.resolve(METRICS), refused };
}

Deno.test("metrics answers a publisher in the text format of Prometheus", async () => {
  const response = await createTestApp(setUp()).app.request("/metrics", PUBLISHER);
  assertEquals(
    [response.status, response.headers.get("content-type")],
    [200, "text/plain; version=0.0.4; charset=utf-8"],
  );
  assertStringIncludes(await response.text(), `\ntidings_connections{transport="websocket"} 2\n`);
});

Deno.test("metrics requires a publisher key, except in development mode", async () => {
  const { refused, ...given } = setUp();
  await assertProblem(await createTestApp(given).app.request("/metrics"), "401 not-authorized");
  assertEquals(refused, [401]);
  const response = await createTestApp({ ...given, config: { development: true } }).app.request("/metrics");
  assertEquals(response.status, 200);
  await response.body?.cancel();
});

Deno.test("createApp counts every refused request by its status, and no other request", async () => {
  const { refused, ...given } = setUp();
  const { app } = createTestApp({
    ...given,
    intake: { mark: unexpected, accept: () => Promise.reject(new Error("broken")) },
  });
  for (const path of ["/healthz", "/nowhere", "/v1/notify"]) {
    await (await app.request(path)).body?.cancel();
  }
  await (await app.request("/v1/notify", { method: "POST", body: '{"target":"a","data":1}', ...PUBLISHER }))
    .body?.cancel();
  assertEquals(refused, [404, 405, 500]);
});
