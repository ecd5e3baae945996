/** Tests of the port for operators: what it serves, how it ends, and what stops the start. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { eventually } from "../eventually.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";

const KEY = "a-key-of-the-backend-for-tests";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };
const HEADERS = { authorization: `Bearer ${KEY}` };

/** The URL of the port for operators, which the service logs. */
function adminUrl({ output }: ServiceProcess): string {
  return /console are on \W*(http:\/\/[\d.:]+)/.exec(output)?.[1] ?? "";
}

async function startWithAdmin(environment: Record<string, string>): Promise<ServiceProcess> {
  const service = await ServiceProcess.start({ TIDINGS_ADMIN_PORT: "0", ...environment });
  await service.waitForOutput("console are on");
  return service;
}

async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}

Deno.test("The service has metrics and the console on a port of their own", async () => {
  await using service = await startWithAdmin(SECRETS);
  const admin = adminUrl(service);
  assertMatch(await (await fetch(`${admin}/metrics`, { headers: HEADERS })).text(), /^tidings_connections/m);
  assertEquals(await statusOf(`${admin}/metrics`), 401);
  for (const path of ["/console", "/healthz", "/readyz"]) {
    assertEquals(await statusOf(admin + path), 200, path);
  }
  for (const path of ["/metrics", "/console", "/console/events"]) {
    assertEquals(await statusOf(service.url + path, { headers: HEADERS }), 404, path);
  }
  assertEquals(await statusOf(`${admin}/v1/connect`), 404);
});

Deno.test("The service answers on the port for operators until its connections are closed, and then ends", async () => {
  await using service = await startWithAdmin({ TIDINGS_DRAIN_SECONDS: "3600" });
  const admin = adminUrl(service);
  const console = await fetch(`${admin}/console/events`);
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  using uploading = await Deno.connect({ port: service.port });
  const lines = ["POST /v1/notify HTTP/1.1", "Host: localhost", "Content-Length: 30", "Expect: 100-continue"];
  await uploading.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`)); // the stop waits for the body
  await uploading.read(new Uint8Array(1)); // the service has the request
  service.signal("SIGTERM");
  await service.waitForOutput("stopping");
  await eventually(async () => await statusOf(`${admin}/readyz`) === 503, "a node that is not ready");
  assertEquals(await statusOf(`${admin}/metrics`), 200);
  await uploading.write(new TextEncoder().encode('{"target":"alexander","data":1}'.slice(0, 30)));
  await console.body?.cancel();
  assertEquals((await tab.closed).code, 1012);
  assertEquals(await service.exited(), 0);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(new URL(admin).port) });
  listener.close();
});

Deno.test("The service does not start if the port for operators is in use, and names the variable", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await using service = new ServiceProcess({ TIDINGS_ADMIN_PORT: `${port}` });
  assertEquals(await service.exited(), 2);
  assertStringIncludes(
    service.output,
    `TIDINGS_ADMIN_HOST, TIDINGS_ADMIN_PORT: cannot listen on 127.0.0.1, port ${port}`,
  );
  assert(!service.output.includes("listens on"), service.output);
});
