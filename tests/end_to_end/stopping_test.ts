/** Tests of stopping: the service delivers what is queued, closes with 1012, and exits in time. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { RawSocket } from "./raw_socket.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const AMPLE = { TIDINGS_DRAIN_SECONDS: "60" }; // far more than the tests take

Deno.test("The service delivers what it has accepted before it stops, and then closes with 1012", async () => {
  await using service = await TestService.start(AMPLE);
  const tabs = await Promise.all(
    Array.from({ length: 20 }, () => Tab.open(service.port, { target: "alexander" })),
  );
  const accepted = service.notify(
    Array.from({ length: 1_000 }, (_, data) => ({ target: "alexander", data })),
  );
  await accepted;
  await service.stop();
  for (const { tab } of tabs) {
    assertEquals((await tab.closed).code, 1012);
    assertEquals(await tab.data(1_000), Array.from({ length: 1_000 }, (_, n) => n));
  }
});

Deno.test("The service lets a tab that is behind catch up before it stops", async () => {
  await using service = await TestService.start({ ...AMPLE, TIDINGS_OUTBOX_BYTES: "1000" });
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  await service.notify(Array.from({ length: 1_000 }, (_, data) => ({ target: "alexander", data })));
  await service.stop();
  assertEquals(await tab.data(1_000), Array.from({ length: 1_000 }, (_, n) => n));
});

Deno.test("The service refuses notifications and connections while it stops, and is alive but not ready", async () => {
  await using service = await TestService.start(AMPLE);
  using slow = await RawSocket.connect(service.port, "/v1/connect?target=alexander"); // delays the stop
  const padding = "x".repeat(60_000);
  for (let n = 0; n < 40; n++) await service.notify(Array(5).fill({ target: "alexander", data: padding }));
  const stopping = service.stop();
  const body = JSON.stringify({ target: "alexander", data: 1 });
  for (
    const [path, init, status] of [
      ["/v1/notify", { method: "POST", body }, 503],
      ["/v1/connect?target=burr", {}, 503],
      ["/readyz", {}, 503],
      ["/healthz", {}, 200],
    ] as const
  ) {
    const response = await fetch(service.url + path, init);
    await response.body?.cancel();
    assertEquals([path, response.status], [path, status]);
    if (status === 503) assert(response.headers.has("retry-after"));
  }
  assertEquals(await slow.closeCode(), 1012);
  await stopping;
});

Deno.test("The service stops in time although a tab does not read", async () => {
  await using service = await TestService.start({ TIDINGS_DRAIN_SECONDS: "1" });
  using _stuck = await RawSocket.connect(service.port, "/v1/connect?target=alexander");
  const padding = "x".repeat(60_000);
  for (let n = 0; n < 30; n++) await service.notify(Array(10).fill({ target: "alexander", data: padding }));
  await service.stop();
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`The process exits with 0 on ${signal}, after it has closed its connections`, async () => {
    await using service = await ServiceProcess.start();
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    await service.notify({ target: "alexander", data: 1 });
    service.signal(signal);
    assertEquals((await tab.closed).code, 1012);
    assertEquals(await tab.data(1), [1]);
    assertEquals(await service.exited(), 0);
  });
}

Deno.test("The process exits with 0 in time although a tab neither reads nor closes", async () => {
  await using service = await ServiceProcess.start({ TIDINGS_DRAIN_SECONDS: "1" });
  using _stuck = await RawSocket.connect(service.port, "/v1/connect?target=alexander");
  const padding = "x".repeat(60_000);
  for (let n = 0; n < 30; n++) await service.notify(Array(10).fill({ target: "alexander", data: padding }));
  service.signal("SIGTERM");
  assertEquals(await service.exited(), 0);
});

Deno.test("The process prints its URL, a command to try, and that it runs in development mode", async () => {
  await using service = await ServiceProcess.start();
  assertStringIncludes(service.output, "development mode");
  assertStringIncludes(service.output, `curl -d '{"target":"alexander"`);
  assertStringIncludes(service.output, `${service.url}/v1/notify`);
});

const SECRETS = {
  TIDINGS_PUBLISHER_KEYS: "a-key-of-sixteen",
  TIDINGS_TOKEN_SECRET: "a secret of thirty-two bytes, or so",
};

Deno.test("The process listens beyond loopback if it has secrets, and logs JSON", async () => {
  await using service = await ServiceProcess.start({ ...SECRETS, HOST: "0.0.0.0" });
  const [line = ""] = service.output.split("\n").filter((line) => line.startsWith("{"));
  assertStringIncludes(JSON.stringify(JSON.parse(line)), `:${service.port}`);
  const response = await fetch(`${service.url}/v1/notify`, { method: "POST", body: "{}" });
  await response.body?.cancel();
  assertEquals(response.status, 401);
});

for (
  const [reason, environment, output] of [
    ["a port is not a number", { PORT: "eight" }, "PORT: expected a whole number"],
    [
      "there are no secrets and the host is not loopback",
      { HOST: "0.0.0.0" },
      "TIDINGS_PUBLISHER_KEYS or TIDINGS_SCOPED_KEYS: not set",
    ],
    [
      "one of the secrets is missing",
      { TIDINGS_PUBLISHER_KEYS: "a-key" },
      "TIDINGS_TOKEN_SECRET or TIDINGS_TOKEN_JWKS_URL",
    ],
    ["no interface has the host's address", { ...SECRETS, HOST: "192.0.2.1" }, "HOST"],
    [
      "its permissions don't cover the journal",
      { TIDINGS_JOURNAL: "sqlite:/nowhere/j.db" },
      "TIDINGS_JOURNAL: cannot open /nowhere/j.db without --allow-read=/nowhere --allow-write=/nowhere",
    ],
  ] as const
) {
  Deno.test(`The process refuses to start if ${reason}, and names the variable`, async () => {
    await using service = new ServiceProcess(environment);
    assertEquals(await service.exited(), 2);
    assertStringIncludes(service.output, output);
  });
}

Deno.test("The process refuses to start on a file that another one has open, and does not disturb it", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
  {
    await using first = await ServiceProcess.start(environment, { folder });
    await using second = new ServiceProcess(environment, { folder });
    assertEquals(await second.exited(), 2);
    assertStringIncludes(
      second.output,
      `TIDINGS_JOURNAL: cannot open ${folder}/j.db: another process has it`,
    );
    await first.notify({ target: "alexander", data: 1 });
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The process refuses to start on a port that is in use, and names the variable", async () => {
  await using first = await ServiceProcess.start();
  await using second = new ServiceProcess({ PORT: String(first.port) });
  assertEquals(await second.exited(), 2);
  assertStringIncludes(second.output, "PORT");
});
