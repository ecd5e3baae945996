/** healthz and readyz: what an orchestrator asks. */

import { assertEquals } from "@std/assert";
import { assertProblem } from "../assert_problem.ts";
import { testApp } from "../test_app.ts";

Deno.test("readyz says no while the service stops, and healthz still says yes", async () => {
  let draining = false;
  const { app } = testApp({ isDraining: () => draining });
  for (const path of ["/healthz", "/readyz"]) assertEquals((await app.request(path)).status, 200);
  draining = true;
  const response = await app.request("/readyz");
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals(await (await app.request("/healthz")).json(), { status: "alive" });
  draining = false;
  assertEquals(await (await app.request("/readyz")).json(), { status: "ready" });
});

Deno.test("readyz says no while the journal cannot be reached, and yes when it can", async () => {
  let reachable = false;
  const { app } = testApp({ isReachable: () => reachable });
  await assertProblem(await app.request("/readyz"), "503 unavailable");
  assertEquals((await app.request("/healthz")).status, 200);
  reachable = true;
  assertEquals((await app.request("/readyz")).status, 200);
});

Deno.test("healthz and readyz need no key and answer HEAD", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const response = await testApp().app.request(path, { method: "HEAD" });
    assertEquals([response.status, await response.text()], [200, ""]);
  }
});
