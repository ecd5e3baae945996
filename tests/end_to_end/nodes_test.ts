/** Tests of several nodes as one service: any node answers for all of them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { eventually } from "../eventually.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { EventReader } from "./event_reader.ts";
import { RoamingTab } from "./roaming_tab.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const HOUR_MS = 3_600_000; // longer than a test, so that no node takes a slow one for gone

/** Three nodes on one NATS server. */
class ThreeNodes implements AsyncDisposable {
  private constructor(readonly server: NatsServer, readonly nodes: readonly TestService[]) {}

  static async start(environment: Record<string, string> = {}, heartbeatMs = HOUR_MS): Promise<ThreeNodes> {
    const server = await NatsServer.started();
    const all = { TIDINGS_JOURNAL: server.url(), ...environment };
    const nodes = await Promise.all([1, 2, 3].map(() => TestService.start(all, { limits: { heartbeatMs } })));
    return new ThreeNodes(server, nodes);
  }

  node(index: number): TestService {
    const node = this.nodes[index];
    assert(node !== undefined);
    return node;
  }

  /**
   * Requests a path of a node until the answer is as expected. A node learns of the others shortly after its
   * start.
   */
  async answer<T>(index: number, path: string, isExpected: (answer: T) => boolean): Promise<T> {
    let answer: T | undefined;
    await eventually(async () => {
      const response = await fetch(this.node(index).url + path);
      answer = await response.json();
      return response.ok && answer !== undefined && isExpected(answer);
    }, `the expected answer of ${path}`);
    assert(answer !== undefined);
    return answer;
  }

  /** Resolves when an attempt to connect as Alexander gets this status. */
  async waitForStatus(index: number, status: 426 | 429): Promise<void> {
    await eventually(async () => {
      const response = await fetch(`${this.node(index).url}/v1/connect?target=alexander`);
      await response.body?.cancel();
      return response.status === status;
    }, `a status of ${status}`);
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
  await using three = await ThreeNodes.start();
  const opened = await Promise.all(three.nodes.map(({ port }) => Tab.open(port, { target: "alexander" })));
  const other = await Tab.open(three.node(0).port, { target: "burr" });
  for (const index of [0, 1, 2]) {
    const { connections } = await three.answer<Connections>(
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
  await using three = await ThreeNodes.start();
  const opened = await Promise.all(three.nodes.map(({ port }) => Tab.open(port, { target: "alexander" })));
  await three.answer<Connections>(0, "/v1/targets/alexander", ({ connections }) => connections.length === 3);
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
  const report = await three.answer<Report>(2, "/v1/notifications/hello", ({ acked }) => acked === 3);
  assertEquals(report.sent, 3);
  for (const { tab } of opened) await tab.close();
});

test("The service accepts what a browser with an event stream posts, on any node", async () => {
  await using three = await ThreeNodes.start();
  await using reader = await EventReader.open(three.node(0).port, { target: "alexander" });
  const { connection } = await reader.welcome();
  await three.answer<Connections>(1, "/v1/targets/alexander", ({ connections }) => connections.length === 1);
  await three.node(1).notify({ target: "alexander", data: 1, id: "one" });
  const body = JSON.stringify({ connection, messages: [{ type: "ack", ids: ["one"] }] });
  await reader.data(1);
  const response = await fetch(`${three.node(2).url}/v1/received?target=alexander`, { method: "POST", body });
  assertEquals([response.status, await response.text()], [204, ""]);
  await three.answer<Report>(1, "/v1/notifications/one", ({ acked }) => acked === 1);
});

test("The service limits a target's connections over all nodes together", async () => {
  await using three = await ThreeNodes.start({ TIDINGS_MAX_CONNECTIONS_PER_TARGET: "3" }, 50);
  const opened = [];
  for (const { port } of three.nodes) opened.push(await Tab.open(port, { target: "alexander" }));
  // A node answers 426 until it knows the others' connections.
  for (const index of [0, 1, 2]) await three.waitForStatus(index, 429);
  await assertRejects(() => Tab.open(three.node(0).port, { target: "alexander" }));
  await opened[2]?.tab.close();
  await three.waitForStatus(0, 426);
  const again = await Tab.open(three.node(0).port, { target: "alexander" });
  for (const { tab } of [again, ...opened.slice(0, 2)]) await tab.close();
});

test("The service rebalances tabs to a node that joins, and they miss nothing", async () => {
  await using server = await NatsServer.started();
  const start = () => TestService.start({ TIDINGS_JOURNAL: server.url() }, { limits: { heartbeatMs: 20 } });
  await using first = await start();
  let leastLoaded = first.port; // where a proxy would send a tab
  const tabs = Array.from({ length: 60 }, () => new RoamingTab("alexander", { ports: () => [leastLoaded] }));
  await Promise.all(tabs.map((tab) => tab.welcomed()));
  await using second = await start();
  leastLoaded = second.port;
  let posted = 0;
  await eventually(async () => {
    await first.notify({ target: "alexander", data: posted++ });
    return tabs.filter(({ recovered }) => recovered.length > 1).length >= 25;
  }, "25 rebalanced tabs");
  await second.notify({ target: "alexander", data: posted++ });
  await Promise.all(tabs.map((tab) => tab.waitFor(posted - 1)));
  const all = Array.from({ length: posted }, (_, n) => n);
  for (const { received, missed } of tabs) assertEquals([received.map(({ data }) => data), missed], [all, 0]);
  await Promise.all(tabs.map((tab) => tab.stop()));
});
