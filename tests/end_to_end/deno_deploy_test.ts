/** Tests of the service on Deno Deploy: without flags and files, and with five seconds to stop. */

import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { NatsServer, test } from "../nats/nats_server.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";

/** Less than the platform grants. There is no permission to read, write, run or look at the system. */
const FLAGS = ["--no-prompt", "--allow-net", "--allow-env"];
const KEY = "a-key-of-the-backend-for-tests";
const ENVIRONMENT = {
  DENO_DEPLOY: "true",
  TIDINGS_PUBLISHER_KEYS: KEY,
  TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
};
const GRACE_MS = 5_000;

async function startInstance(environment: Record<string, string>): Promise<ServiceProcess> {
  return await ServiceProcess.start({ ...ENVIRONMENT, ...environment }, { flags: FLAGS });
}

async function post(service: ServiceProcess, path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${KEY}` };
  const response = await fetch(service.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  assert(response.ok, await response.clone().text());
  return await response.json();
}

async function openTab(service: ServiceProcess, after: Record<string, string> = {}) {
  const { token } = await post(service, "/v1/tokens", { target: "alexander" });
  return await Tab.open(service.port, after, ["tidings.v1", `tidings.bearer.${token}`]);
}

/** Stops an instance as the platform does. */
async function stop(service: ServiceProcess): Promise<{ code: number; ms: number }> {
  const start = performance.now();
  service.signal("SIGINT");
  return { code: await service.exited(), ms: performance.now() - start };
}

Deno.test("The service connects, resumes and drains without permission to read, write or look at the system", async () => {
  await using service = await startInstance({ TIDINGS_JOURNAL: "memory:" });
  const { tab, welcome } = await openTab(service);
  await post(service, "/v1/notify", { target: "alexander", data: 1 });
  assertEquals(await tab.data(1), [1]);
  await tab.close();
  await post(service, "/v1/notify", { target: "alexander", data: 2 });
  const again = await openTab(service, { after: welcome.position });
  assertEquals(again.welcome.recovered, true);
  assertEquals(await again.tab.data(2), [1, 2]);
  for (const path of ["/client.js", "/console", "/docs", "/openapi.json", "/push_worker.js", "/readyz"]) {
    const response = await fetch(service.url + path);
    assert(response.ok && (await response.text()).length > 10, path);
  }
  const metrics = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } });
  assertStringIncludes(await metrics.text(), "tidings_build_info");
  const { code, ms } = await stop(service);
  assertEquals([code, (await again.tab.closed).code], [0, 1012]);
  assertLess(ms, GRACE_MS);
});

Deno.test("The service ends before Deno Deploy would end it, although a publisher never sends its body", async () => {
  await using service = await startInstance({ TIDINGS_JOURNAL: "memory:" });
  using uploading = await Deno.connect({ port: service.port });
  const head = [
    "POST /v1/notify HTTP/1.1",
    "Host: localhost",
    `Authorization: Bearer ${KEY}`,
    "Content-Length: 9",
  ];
  await uploading.write(new TextEncoder().encode(`${head.join("\r\n")}\r\nExpect: 100-continue\r\n\r\n`));
  await uploading.read(new Uint8Array(1)); // the service has the request
  const { tab } = await openTab(service);
  const { code, ms } = await stop(service);
  assertEquals([code, (await tab.closed).code], [0, 1012]);
  assertLess(ms, GRACE_MS);
});

test("Instances of the service without permission for files are one service over NATS", async () => {
  await using server = await NatsServer.started();
  const environment = { TIDINGS_JOURNAL: server.url() };
  await using one = await startInstance(environment);
  await using two = await startInstance(environment);
  const { tab, welcome } = await openTab(one);
  await post(two, "/v1/notify", { target: "alexander", data: 1 });
  assertEquals(await tab.data(1), [1]);
  const { code, ms } = await stop(one);
  assertEquals([code, (await tab.closed).code], [0, 1012]);
  assertLess(ms, GRACE_MS);
  const again = await openTab(two, { after: welcome.position });
  assertEquals([again.welcome.recovered, await again.tab.data(1)], [true, [1]]);
});

for (
  const [name, environment, sentence] of [
    [
      "a journal in a file",
      { DENO_DEPLOY: "", TIDINGS_JOURNAL: "sqlite:data/tidings.db" },
      "cannot open data/tidings.db without --allow-read=data",
    ],
    [
      "a journal in a file on Deno Deploy",
      { TIDINGS_JOURNAL: "" },
      "TIDINGS_JOURNAL: Deno Deploy keeps no files",
    ],
    [
      "several threads",
      { TIDINGS_JOURNAL: "memory:", TIDINGS_WORKERS: "auto" },
      "TIDINGS_WORKERS: must be 1 on Deno Deploy",
    ],
    [
      "a secret in a file",
      { TIDINGS_OUTBOX_FILE: "/run/secrets/outbox" },
      "TIDINGS_OUTBOX_FILE: Deno Deploy mounts no",
    ],
    [
      "a certificate in a file",
      { TIDINGS_JOURNAL: "nats://127.0.0.1:1/?credentials=a.creds" },
      "--allow-read",
    ],
  ] as const
) {
  Deno.test(`The service refuses ${name} with a sentence where it may not read files`, async () => {
    await using service = new ServiceProcess({ ...ENVIRONMENT, ...environment }, { flags: FLAGS });
    assertEquals(await service.exited(), 2, service.output);
    assertEquals(service.output.split("\n")[0], "Tidings cannot start.");
    assertStringIncludes(service.output, sentence);
    assert(!/Uncaught|\bat file:/.test(service.output), service.output);
  });
}

Deno.test("The service refuses to start if it may not read its variables, of which some may be secrets", async () => {
  const cases = [[[], "HOST and"], [
    ["--allow-env=HOST,PORT,TIDINGS_JOURNAL"],
    "TIDINGS_ADMIN_PORT and",
  ]] as const;
  for (const [flags, names] of cases) {
    await using service = new ServiceProcess(ENVIRONMENT, {
      flags: ["--no-prompt", "--allow-net", ...flags],
    });
    assertEquals(await service.exited(), 2, service.output);
    assertStringIncludes(service.output, `Tidings cannot start.\nThe process may not read ${names}`);
  }
});
