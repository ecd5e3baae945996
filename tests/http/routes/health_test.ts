/** healthz and readyz: the probes of an orchestrator. */

import { assertEquals } from "@std/assert";
import { assertProblem } from "../assert_problem.ts";
import { VERSION } from "../../../src/wire/version.ts";
import { createTestApp } from "../test_app.ts";

Deno.test("readyz answers 503 while the service stops, and healthz still answers 200", async () => {
  let isDraining = false;
  const { app } = createTestApp({ isDraining: () => isDraining });
  for (const path of ["/healthz", "/readyz"]) assertEquals((await app.request(path)).status, 200);
  isDraining = true;
  const response = await app.request("/readyz");
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals(await (await app.request("/healthz")).json(), { status: "alive", version: VERSION });
  isDraining = false;
  assertEquals(await (await app.request("/readyz")).json(), { status: "ready" });
});

Deno.test("readyz answers 503 while the journal cannot be reached, and then 200", async () => {
  let isReachable = false;
  const { app } = createTestApp({ isReachable: () => isReachable });
  await assertProblem(await app.request("/readyz"), "503 unavailable");
  assertEquals((await app.request("/healthz")).status, 200);
  isReachable = true;
  assertEquals((await app.request("/readyz")).status, 200);
});

Deno.test("readyz answers 503 while memory is short, and then 200", async () => {
  let isShort = true;
  const { app } = createTestApp({ isShortOfMemory: () => isShort });
  await assertProblem(await app.request("/readyz"), "503 unavailable");
  assertEquals((await app.request("/healthz")).status, 200);
  isShort = false;
  assertEquals((await app.request("/readyz")).status, 200);
});

Deno.test("readyz answers 503 while the journal can be reached but not written", async () => {
  const { app } = createTestApp({ isWritable: () => false });
  await assertProblem(await app.request("/readyz"), "503 unavailable");
});

Deno.test("healthz and readyz need no key and answer HEAD", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const response = await createTestApp().app.request(path, { method: "HEAD" });
    assertEquals([response.status, await response.text()], [200, ""]);
  }
});
