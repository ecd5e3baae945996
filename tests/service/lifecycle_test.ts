/** runUntilStopped: what the process prints when the service has started, and when a signal stops it. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/wire/version.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";

const SECRETS = { TIDINGS_PUBLISHER_KEYS: "key", TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };

Deno.test("runUntilStopped logs the version and the URL, and the signal that stops the service", async () => {
  await using service = await ServiceProcess.start(SECRETS);
  service.signal("SIGTERM");
  assertEquals(await service.exited(), 0);
  const [started, stopped] = service.output.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals([started.version, started.url], [VERSION, service.url]);
  assertEquals(stopped.signal, "SIGTERM");
});

Deno.test("runUntilStopped prints the version, the URL and an example in development mode", async () => {
  await using service = await ServiceProcess.start();
  await service.waitForOutput("/v1/notify");
  assertStringIncludes(service.output, `Tidings ${VERSION} listens on ${service.url} in development mode`);
});
