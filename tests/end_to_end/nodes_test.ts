/** Several nodes as one service: what one is asked is answered for all of them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { NatsServer, test } from "../nats/nats_server.ts";
import { EventReader } from "./event_reader.ts";
import { RoamingTab } from "./roaming_tab.ts";
import { Running, soon } from "./running.ts";
import { Tab } from "./tab.ts";

const HOUR_MS = 3_600_000; // a beat that does not come in a test: nobody is taken for gone who is only slow

/** Nodes that know each other. */
class Three implements AsyncDisposable {
  private constructor(readonly server: NatsServer, readonly nodes: readonly Running[]) {}

  static async started(environment: Record<string, string> = {}, heartbeatMs = HOUR_MS): Promise<Three> {
    const server = await NatsServer.started();
    const all = { TIDINGS_JOURNAL: server.url(), ...environment };
    const nodes = await Promise.all([1, 2, 3].map(() => Running.started(all, { heartbeatMs })));
    return new Three(server, nodes);
  }

  node(index: number): Running {
    const node = this.nodes[index];
    assert(node !== undefined);
    return node;
  }

  /** Asks a node until it answers so: it knows the others a moment after it has come. */
  async asked<T>(index: number, path: string, isSo: (answer: T) => boolean): Promise<T> {
    for (;;) {
      const response = await fetch(this.node(index).url + path);
      const answer = await response.json();
      if (response.ok && isSo(answer)) return answer;
      await soon();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await this.server[Symbol.asyncDispose]();
  }
}

interface Connections {
  readonly connections: readonly { readonly id: string; readonly node: string; readonly transport: string }[];
}

interface Report {
  readonly sent: number;
  readonly acked: number;
}

test("The service lists a target's connections on all nodes, and closes them from any", async () => {
  await using three = await Three.started();
  const opened = await Promise.all(three.nodes.map(({ port }) => Tab.open(port, { target: "alexander" })));
  const other = await Tab.open(three.node(0).port, { target: "burr" });
  for (const index of [0, 1, 2]) {
    const { connections } = await three.asked<Connections>(
      index,
      "/v1/targets/alexander",
      ({ connections }) => connections.length === 3,
    );
    assertEquals(
      new Set(connections.map(({ id }) => id)),
      new Set(opened.map(({ welcome }) => welcome.connection)),
    );
    assertEquals(new Set(connections.map(({ node }) => node)).size, 3);
  }
  const response = await fetch(`${three.node(1).url}/v1/targets/alexander/connections`, { method: "DELETE" });
  assertEquals(await response.json(), { closed: 3 });
  for (const { tab } of opened) assertEquals((await tab.closed).code, 4003);
  await other.tab.close();
});

test("The service reports and waits for the acks of all nodes", async () => {
  await using three = await Three.started();
  const opened = await Promise.all(three.nodes.map(({ port }) => Tab.open(port, { target: "alexander" })));
  await three.asked<Connections>(0, "/v1/targets/alexander", ({ connections }) => connections.length === 3);
  const posting = fetch(`${three.node(0).url}/v1/notify`, {
    method: "POST",
    headers: { prefer: "wait=30" },
    body: JSON.stringify({ target: "alexander", data: "hello", id: "hello" }),
  });
  for (const { tab } of opened) {
    const { id } = await tab.next();
    tab.send(JSON.stringify({ type: "ack", ids: [id] }));
  }
  const response = await posting;
  assertEquals(response.status, 200);
  const { sent, acked }: Report = await response.json();
  assertEquals([sent, acked], [3, 3]);
  const report = await three.asked<Report>(2, "/v1/notifications/hello", ({ acked }) => acked === 3);
  assertEquals(report.sent, 3);
  for (const { tab } of opened) await tab.close();
});

test("The service takes what a browser with an event stream posts on whatever node it arrives", async () => {
  await using three = await Three.started();
  await using reader = await EventReader.open(three.node(0).port, { target: "alexander" });
  const { connection } = await reader.welcome();
  await three.asked<Connections>(1, "/v1/targets/alexander", ({ connections }) => connections.length === 1);
  await three.node(1).notify({ target: "alexander", data: 1, id: "one" });
  const body = JSON.stringify({ connection, messages: [{ type: "ack", ids: ["one"] }] });
  await reader.data(1);
  const response = await fetch(`${three.node(2).url}/v1/received?target=alexander`, { method: "POST", body });
  assertEquals([response.status, await response.text()], [204, ""]);
  await three.asked<Report>(1, "/v1/notifications/one", ({ acked }) => acked === 1);
});

test("The service holds the limit of a target's connections on all nodes together", async () => {
  await using three = await Three.started({ TIDINGS_MAX_CONNECTIONS_PER_TARGET: "3" }, 50);
  const opened = [];
  for (const { port } of three.nodes) opened.push(await Tab.open(port, { target: "alexander" }));
  for (const { url } of three.nodes) {
    for (let status = 0; status !== 429; await soon()) {
      const response = await fetch(`${url}/v1/connect?target=alexander`);
      await response.body?.cancel();
      status = response.status; // 426 until it has heard of the others
    }
  }
  await assertRejects(() => Tab.open(three.node(0).port, { target: "alexander" }));
  await opened[2]?.tab.close();
  for (let status = 0; status !== 426; await soon()) {
    const response = await fetch(`${three.node(0).url}/v1/connect?target=alexander`);
    await response.body?.cancel();
    status = response.status;
  }
  const again = await Tab.open(three.node(0).port, { target: "alexander" });
  for (const { tab } of [again, ...opened.slice(0, 2)]) await tab.close();
});

test("The service sends tabs on to a node that joins, and they miss nothing", async () => {
  await using server = await NatsServer.started();
  const start = () => Running.started({ TIDINGS_JOURNAL: server.url() }, { heartbeatMs: 20 });
  await using first = await start();
  let least = first.port; // where a proxy would send a tab now
  const tabs = Array.from({ length: 60 }, () => new RoamingTab("alexander", { ports: () => [least] }));
  await Promise.all(tabs.map((tab) => tab.arrived()));
  await using second = await start();
  least = second.port;
  let posted = 0;
  for (let moved = 0; moved < 25; moved = tabs.filter(({ recovered }) => recovered.length > 1).length) {
    await first.notify({ target: "alexander", data: posted++ });
    await soon();
  }
  await second.notify({ target: "alexander", data: posted++ });
  await Promise.all(tabs.map((tab) => tab.has(posted - 1)));
  const all = Array.from({ length: posted }, (_, n) => n);
  for (const { got, missed } of tabs) assertEquals([got.map(({ data }) => data), missed], [all, 0]);
  await Promise.all(tabs.map((tab) => tab.stop()));
});
