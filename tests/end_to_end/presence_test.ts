/** The service tells the application which targets go online and offline, and knows when each was last seen. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { status } from "../processor/webhook/application.ts";
import { Cluster } from "./cluster.ts";
import { PresenceEvents } from "./presence_events.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const LIMITS = { lingerMs: 40, heartbeatMs: 15, retryMs: 20 };

/** A journal for one test. */
interface OwnJournal extends AsyncDisposable {
  readonly url: string;
}

async function sqlite(): Promise<OwnJournal> {
  const folder = await Deno.makeTempDir();
  const remove = () => Deno.remove(folder, { recursive: true });
  return { url: `sqlite:${folder}/j.db`, [Symbol.asyncDispose]: remove };
}

async function nats(): Promise<OwnJournal> {
  const server = await NatsServer.started();
  return { url: server.url(), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function memory(): Promise<OwnJournal> {
  return Promise.resolve({ url: "memory:", [Symbol.asyncDispose]: () => Promise.resolve() });
}

const JOURNALS = [["memory", memory, Deno.test], ["SQLite", sqlite, Deno.test], [
  "NATS",
  nats,
  test,
]] as const;

/** @param more limits other than those of these tests */
function start(
  journal: OwnJournal,
  environment: Record<string, string> = {},
  more: Partial<typeof LIMITS> = {},
): Promise<TestService> {
  const limits = { ...LIMITS, ...more };
  return TestService.start({ TIDINGS_JOURNAL: journal.url, ...environment }, { limits });
}

async function lastSeen({ url }: { url: string }, target: string): Promise<string | null> {
  const response = await fetch(`${url}/v1/targets/${target}`);
  assertEquals(response.status, 200);
  return (await response.json()).last_seen;
}

async function close(tab: Tab): Promise<void> {
  tab.close();
  await tab.closed;
}

for (const [name, open, test] of JOURNALS) {
  test(`The service tells of the first connection of a target and of its last, with ${name}`, async () => {
    await using journal = await open();
    await using events = new PresenceEvents();
    await using service = await start(journal, events.environment);
    const before = Date.now(), tabs: Tab[] = [];
    for (let n = 0; n < 3; n++) tabs.push((await Tab.open(service.port, { target: "alexander" })).tab);
    await events.waitFor(1, "alexander");
    for (const tab of tabs) await close(tab);
    const closedAt = Date.now();
    const [online, offline, more] = await events.waitFor(2, "alexander");
    assert(online !== undefined && offline !== undefined && more === undefined);
    assertEquals([online.type, offline.type], ["target.online", "target.offline"]);
    assert(/^evt_[\w-]{36}$/.test(online.id) && online.id !== offline.id);
    const [came, went] = [online, offline].map(({ data }) => Date.parse(data.at));
    assert(
      came !== undefined && went !== undefined && came >= before && went >= came && went <= closedAt + 1_000,
    );
    assert(Date.parse(offline.timestamp) >= went + LIMITS.lingerMs);
    assertEquals(Object.keys(online), ["type", "timestamp", "data", "id"]);
  });

  test(`The service knows when a target was last seen, now or before, with ${name}`, async () => {
    await using journal = await open();
    await using service = await start(journal);
    assertEquals(await lastSeen(service, "alexander"), null);
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    const before = Date.now();
    assert(Date.parse(await lastSeen(service, "alexander") ?? "") >= before);
    await close(tab);
    await eventually(async () => {
      const first = await lastSeen(service, "alexander");
      return first !== null && first === await lastSeen(service, "alexander");
    }, "the target is not seen any more");
    const left = await lastSeen(service, "alexander");
    await new Promise((resolve) => setTimeout(resolve, LIMITS.lingerMs + 10));
    await eventually(async () => await lastSeen(service, "alexander") === left, "it is stored");
  });

  test(`The service tells nothing and keeps nothing if nobody wants to know, with ${name}`, async () => {
    await using journal = await open();
    await using service = await start(journal, { TIDINGS_LAST_SEEN_SECONDS: "0" });
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    await close(tab);
    await new Promise((resolve) => setTimeout(resolve, LIMITS.lingerMs + 10));
    await eventually(async () => await lastSeen(service, "alexander") === null, "the linger is over");
  });
}

for (const [name, open, test] of JOURNALS.slice(1)) {
  test(`The service knows after a restart when targets were last seen, and has told who is gone, with ${name}`, async () => {
    await using journal = await open();
    await using events = new PresenceEvents();
    const limits = { lingerMs: 2_000 }; // enough for a tab to return
    const first = await start(journal, events.environment, limits), before = Date.now();
    for (const target of ["leaves", "returns"]) await Tab.open(first.port, { target });
    await Promise.all(["leaves", "returns"].map((target) => events.waitFor(1, target)));
    await first.stop();
    const stopped = Date.now();
    await using again = await start(journal, events.environment, limits);
    const { tab } = await Tab.open(again.port, { target: "returns" });
    const seen = Date.parse(await lastSeen(again, "leaves") ?? "");
    assert(seen >= before && seen <= stopped, `${seen}`);
    const [, offline] = await events.waitFor(2, "leaves");
    assertEquals([offline?.type, Date.parse(offline?.data.at ?? "")], ["target.offline", seen]);
    await close(tab);
    await events.waitFor(2, "returns");
    assertEquals([events.typesOf("leaves"), events.typesOf("returns")], [["online", "offline"], [
      "online",
      "offline",
    ]]);
  });
}

Deno.test("The service tells events in order, each at least once, to an application that fails for a while", async () => {
  await using events = new PresenceEvents();
  let failures = 0;
  events.answer = () => failures++ < 4 ? status(failures % 2 === 0 ? 500 : 503) : status(204);
  await using service = await start(await memory(), events.environment);
  for (let n = 0; n < 2; n++) {
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    await close(tab);
    await new Promise((resolve) => setTimeout(resolve, LIMITS.lingerMs + 20));
    await eventually(async () =>
      /presence_webhook_backlog 1/.test(await (await fetch(`${service.url}/metrics`)).text()) ||
      events.accepted.length > 0
    );
  }
  await events.waitFor(4, "alexander");
  assertEquals(events.typesOf("alexander"), ["online", "offline", "online", "offline"]);
  assert(failures >= 8);
});

Deno.test("The service tells what happened while the application was down, also after a restart", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" }), { port } = listener.addr;
  listener.close();
  await using journal = await sqlite();
  await using down = new PresenceEvents();
  const environment = { ...down.environment, TIDINGS_PRESENCE_WEBHOOK_URL: `http://127.0.0.1:${port}/` };
  const first = await start(journal, environment);
  const { tab } = await Tab.open(first.port, { target: "alexander" });
  await close(tab);
  await eventually(async () =>
    /presence_webhook_attempts_total\{outcome="failed"\} [1-9]/.test(
      await (await fetch(`${first.url}/metrics`)).text(),
    )
  );
  await new Promise((resolve) => setTimeout(resolve, LIMITS.lingerMs + 20));
  await first.stop();
  await using again = await start(journal, environment);
  await using events = new PresenceEvents({ port });
  await events.waitFor(2, "alexander");
  assertEquals(events.typesOf("alexander"), ["online", "offline"]);
  await eventually(async () =>
    /presence_webhook_backlog 0/.test(await (await fetch(`${again.url}/metrics`)).text())
  );
});

Deno.test("The service tells offline at its next start after it was killed, with SQLite", async () => {
  await using journal = await sqlite();
  await using events = new PresenceEvents();
  const folder = journal.url.slice("sqlite:".length, -"/j.db".length);
  const environment = { ...events.environment, TIDINGS_JOURNAL: journal.url };
  {
    await using service = await ServiceProcess.start(environment, { folder });
    await Tab.open(service.port, { target: "alexander" });
    await events.waitFor(1, "alexander");
    service.signal("SIGKILL");
    await service.exited();
  }
  await using again = await ServiceProcess.start(environment, { folder });
  await events.waitFor(2, "alexander");
  assertEquals(events.typesOf("alexander"), ["online", "offline"]);
  assert(await lastSeen(again, "alexander") !== null);
});

test(
  "Nodes tell of the first and the last connection in the whole service, whichever have them",
  async () => {
    await using journal = await nats();
    await using events = new PresenceEvents();
    await using one = await start(journal, events.environment);
    await using two = await start(journal, events.environment);
    await using three = await start(journal, events.environment);
    const ports = [one.port, two.port, three.port], targets = Array.from({ length: 10 }, (_, n) => `t${n}`);
    const open = (target: string) => Promise.all(ports.map((port) => Tab.open(port, { target })));
    const tabs = (await Promise.all(targets.map(open))).flat().map(({ tab }) => tab);
    await Promise.all(targets.map((target) => events.waitFor(1, target)));
    await Promise.all(tabs.map(close));
    await Promise.all(targets.map((target) => events.waitFor(2, target)));
    for (const target of targets) assertEquals(events.typesOf(target), ["online", "offline"]);
    const seen = await Promise.all([one, two, three].map((service) => lastSeen(service, "t0")));
    assert(seen.every((at) => at !== null && at === seen[0]), `${seen}`);
  },
);

test("Nodes tell nothing of a target that moves from node to node within the linger", async () => {
  await using journal = await nats();
  await using events = new PresenceEvents();
  const limits = { lingerMs: 2_000 };
  await using one = await start(journal, events.environment, limits);
  await using two = await start(journal, events.environment, limits);
  for (let round = 0; round < 4; round++) {
    const { tab } = await Tab.open(round % 2 === 0 ? one.port : two.port, { target: "alexander" });
    await close(tab);
  }
  await events.waitFor(2, "alexander");
  assertEquals(events.typesOf("alexander"), ["online", "offline"]);
});

test(
  "Nodes tell offline once of a target whose node is killed, and nothing of one that moves on",
  async () => {
    await using events = new PresenceEvents();
    await using cluster = await Cluster.start(3, events.environment);
    const before = Date.now(), node = cluster.node(0);
    for (const target of ["stays", "moves"]) await Tab.open(node.port, { target });
    await Promise.all(["stays", "moves"].map((target) => events.waitFor(1, target)));
    await cluster.stopNode(0, "SIGKILL");
    const killed = Date.now(), { tab } = await Tab.open(cluster.node(1).port, { target: "moves" });
    const [, offline] = await events.waitFor(2, "stays");
    const at = Date.parse(offline?.data.at ?? "");
    assert(at >= before && at <= killed + 4_000, `${at - killed}`);
    assertEquals(await lastSeen(cluster.node(2), "stays"), offline?.data.at);
    assertEquals(events.typesOf("moves"), ["online"]);
    await cluster.startNode(0);
    await close(tab);
    await events.waitFor(2, "moves");
    assertEquals([events.typesOf("stays"), events.typesOf("moves")], [["online", "offline"], [
      "online",
      "offline",
    ]]);
  },
);
