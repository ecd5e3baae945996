/** metrics: who is told them, and that refusals are counted. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { METRICS } from "../../metrics/sample_metrics.ts";
import { assertProblem } from "../assert_problem.ts";
import { PUBLISHER_KEY, testApp } from "../test_app.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };

function measuring() {
  const refused: number[] = [];
  const metrics = {
    read: () => Promise.resolve(METRICS),
    refused: (status: number) => void refused.push(status),
  };
  return { metrics, refused };
}

Deno.test("metrics answers a publisher in Prometheus's format", async () => {
  const response = await testApp(measuring()).app.request("/metrics", PUBLISHER);
  assertEquals(
    [response.status, response.headers.get("content-type")],
    [200, "text/plain; version=0.0.4; charset=utf-8"],
  );
  assertStringIncludes(await response.text(), `\ntidings_connections{transport="websocket"} 2\n`);
});

Deno.test("metrics are for publishers only, but for development", async () => {
  const { metrics, refused } = measuring();
  await assertProblem(await testApp({ metrics }).app.request("/metrics"), "401 not-authorized");
  assertEquals(refused, [401]);
  const response = await testApp({ metrics, config: { development: true } }).app.request("/metrics");
  assertEquals(response.status, 200);
  await response.body?.cancel();
});

Deno.test("Every request that is refused is counted by its status, and no other", async () => {
  const { metrics, refused } = measuring();
  const { app } = testApp({ metrics, intake: { accept: () => Promise.reject(new Error("broken")) } });
  for (const path of ["/healthz", "/nowhere", "/v1/notify"]) {
    await (await app.request(path)).body?.cancel();
  }
  await (await app.request("/v1/notify", { method: "POST", body: '{"target":"a","data":1}', ...PUBLISHER }))
    .body?.cancel();
  assertEquals(refused, [404, 405, 500]);
});
