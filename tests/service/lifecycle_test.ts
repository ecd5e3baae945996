/** runUntilStopped: what the process prints when the service has started, and when a signal stops it. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/wire/version.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";

const SECRETS = {
  TIDINGS_PUBLISHER_KEYS: "k".repeat(32),
  TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
};

Deno.test("runUntilStopped logs the version and the URL, and the signal that stops the service", async () => {
  await using service = await ServiceProcess.start(SECRETS);
  service.signal("SIGTERM");
  assertEquals(await service.exited(), 0);
  const [started, stopped] = service.output.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals([started.version, started.url], [VERSION, service.url]);
  assertEquals(stopped.signal, "SIGTERM");
});

Deno.test("runUntilStopped stops the service at SIGHUP as at SIGTERM", async () => {
  await using service = await ServiceProcess.start(SECRETS);
  service.signal("SIGHUP");
  assertEquals(await service.exited(), 0);
  assertStringIncludes(service.output, "SIGHUP");
});

Deno.test("runUntilStopped waits for no peer after a second signal", async () => {
  await using service = await ServiceProcess.start({ TIDINGS_DRAIN_SECONDS: "3600" });
  using uploading = await Deno.connect({ port: service.port });
  const lines = ["POST /v1/notify HTTP/1.1", "Host: localhost", "Content-Length: 9", "Expect: 100-continue"];
  await uploading.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`)); // a patient stop waits for the body
  await uploading.read(new Uint8Array(1)); // the service has the request
  service.signal("SIGINT");
  await service.waitForOutput("stopping");
  await new Promise((resolve) => setTimeout(resolve, 250)); // Ctrl-C comes twice within a moment, and counts once
  service.signal("SIGINT");
  assertEquals(await service.exited(), 0);
  assertStringIncludes(service.output, "no longer wait");
});

Deno.test("runUntilStopped prints the version, the URL and an example in development mode", async () => {
  await using service = await ServiceProcess.start();
  await service.waitForOutput("/v1/notify");
  assertStringIncludes(service.output, `Tidings ${VERSION} listens on ${service.url} in development mode`);
});
