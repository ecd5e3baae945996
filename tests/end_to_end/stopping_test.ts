/** Stopping: what is queued is delivered, browsers are told to come back later, and the process ends in time. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ServiceProcess } from "./process.ts";
import { RawSocket } from "./raw_socket.ts";
import { Running } from "./running.ts";
import { Tab } from "./tab.ts";

const AMPLE = { TIDINGS_DRAIN_SECONDS: "60" }; // of which none is waited for

Deno.test("The service, when it stops, delivers what was accepted and then closes with 1012", async () => {
  await using service = await Running.started(AMPLE);
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

Deno.test("The service, when it stops, lets a tab that is behind catch up first", async () => {
  await using service = await Running.started({ ...AMPLE, TIDINGS_OUTBOX_BYTES: "1000" });
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  await service.notify(Array.from({ length: 1_000 }, (_, data) => ({ target: "alexander", data })));
  await service.stop();
  assertEquals(await tab.data(1_000), Array.from({ length: 1_000 }, (_, n) => n));
});

Deno.test("The service, while it stops, refuses notifications and connections, and is alive but not ready", async () => {
  await using service = await Running.started(AMPLE);
  using slow = await RawSocket.connect(service.port, "/v1/connect?target=alexander"); // keeps the stop from ending
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
  await using service = await Running.started({ TIDINGS_DRAIN_SECONDS: "1" });
  using _stuck = await RawSocket.connect(service.port, "/v1/connect?target=alexander");
  const padding = "x".repeat(60_000);
  for (let n = 0; n < 30; n++) await service.notify(Array(10).fill({ target: "alexander", data: padding }));
  await service.stop();
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`The process ends with 0 at ${signal}, after it has sent its browsers away`, async () => {
    await using service = await ServiceProcess.started();
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    await service.notify({ target: "alexander", data: 1 });
    service.signal(signal);
    assertEquals((await tab.closed).code, 1012);
    assertEquals(await tab.data(1), [1]);
    assertEquals(await service.ended(), 0);
  });
}

Deno.test("The process ends with 0 in time although a tab neither reads nor closes", async () => {
  await using service = await ServiceProcess.started({ TIDINGS_DRAIN_SECONDS: "1" });
  using _stuck = await RawSocket.connect(service.port, "/v1/connect?target=alexander");
  const padding = "x".repeat(60_000);
  for (let n = 0; n < 30; n++) await service.notify(Array(10).fill({ target: "alexander", data: padding }));
  service.signal("SIGTERM");
  assertEquals(await service.ended(), 0);
});

Deno.test("The process says where to look and what to try, and that anybody may", async () => {
  await using service = await ServiceProcess.started();
  assertStringIncludes(service.output, "development mode");
  assertStringIncludes(service.output, `curl -d '{"target":"alexander"`);
  assertStringIncludes(service.output, `${service.url}/v1/notify`);
});

const SECRETS = {
  TIDINGS_PUBLISHER_KEYS: "a-key",
  TIDINGS_TOKEN_SECRET: "a secret of thirty-two bytes, or so",
};

Deno.test("The process listens beyond loopback if it has secrets, and logs in JSON", async () => {
  await using service = await ServiceProcess.started({ ...SECRETS, HOST: "0.0.0.0" });
  const [line = ""] = service.output.split("\n").filter((line) => line.startsWith("{"));
  assertStringIncludes(JSON.stringify(JSON.parse(line)), `:${service.port}`);
  const response = await fetch(`${service.url}/v1/notify`, { method: "POST", body: "{}" });
  await response.body?.cancel();
  assertEquals(response.status, 401);
});

for (
  const [why, environment, says] of [
    ["a port is not a number", { PORT: "eight" }, "PORT: expected a whole number"],
    [
      "there are no secrets and the host is not loopback",
      { HOST: "0.0.0.0" },
      "TIDINGS_PUBLISHER_KEYS: not set",
    ],
    [
      "one of the secrets is missing",
      { TIDINGS_PUBLISHER_KEYS: "a-key" },
      "TIDINGS_TOKEN_SECRET or TIDINGS_TOKEN_JWKS_URL",
    ],
    ["the host is nobody's", { ...SECRETS, HOST: "192.0.2.1" }, "HOST"],
    [
      "its permissions don't cover the journal",
      { TIDINGS_JOURNAL: "sqlite:/nowhere/j.db" },
      "TIDINGS_JOURNAL: cannot open /nowhere/j.db: Requires write access",
    ],
  ] as const
) {
  Deno.test(`The process refuses to start if ${why}, and names the variable`, async () => {
    await using service = new ServiceProcess(environment);
    assertEquals(await service.ended(), 2);
    assertStringIncludes(service.output, says);
  });
}

Deno.test("The process refuses to start on a file that another one has, which it doesn't disturb", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
  {
    await using first = await ServiceProcess.started(environment, { folder });
    await using second = new ServiceProcess(environment, { folder });
    assertEquals(await second.ended(), 2);
    assertStringIncludes(
      second.output,
      `TIDINGS_JOURNAL: cannot open ${folder}/j.db: another process has it`,
    );
    await first.notify({ target: "alexander", data: 1 });
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The process refuses to start on a port that is taken, and names the variable", async () => {
  await using first = await ServiceProcess.started();
  await using second = new ServiceProcess({ PORT: String(first.port) });
  assertEquals(await second.ended(), 2);
  assertStringIncludes(second.output, "PORT");
});
