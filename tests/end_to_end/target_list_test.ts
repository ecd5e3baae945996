/** Tests of the list of who is connected, over real sockets, on one node and on three. */

import { assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { EventReader } from "./event_reader.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

interface Page {
  readonly targets: readonly { target: string; connections: number; nodes: readonly string[] }[];
  readonly next: string | null;
}

const HOUR_MS = 3_600_000; // longer than a test, so that no node takes a slow one for gone

async function getPage(service: TestService, query: string): Promise<Page> {
  const response = await fetch(`${service.url}/v1/targets${query}`);
  assertEquals(response.status, 200, await response.clone().text());
  return await response.json();
}

/** All pages, one after the other. */
async function list(service: TestService, limit: number): Promise<Page["targets"][number][]> {
  const all: Page["targets"][number][] = [];
  for (let next: string | null = ""; next !== null;) {
    const page: Page = await getPage(service, `?limit=${limit}&after=${encodeURIComponent(next)}`);
    all.push(...page.targets);
    next = page.next;
  }
  return all;
}

Deno.test("The service lists who is connected, page by page, and no longer who has left", async () => {
  await using service = await TestService.start();
  assertEquals(await getPage(service, ""), { targets: [], next: null });
  const names = ["Zürich/1", "alexander", "a b&c", "🗽"];
  const tabs = await Promise.all(names.map((target) => Tab.open(service.port, { target })));
  await using events = await EventReader.open(service.port, { target: "alexander" });
  await events.welcome();
  const listed = await list(service, 1);
  assertEquals(listed.map(({ target, connections }) => [target, connections]), [
    ["Zürich/1", 1],
    ["a b&c", 1],
    ["alexander", 2],
    ["🗽", 1],
  ]);
  assertEquals((await getPage(service, "?after=a")).targets, listed.slice(1));
  await Promise.all(tabs.map(({ tab }) => tab.close()));
  await service.waitForConnections(1);
  assertEquals((await list(service, 1)).map(({ target }) => target), ["alexander"]);
});

test("The service lists who is connected to any of three nodes, in the same pages from each", async () => {
  await using server = await NatsServer.started();
  const environment = { TIDINGS_JOURNAL: server.url() };
  const start = () => TestService.start(environment, { limits: { heartbeatMs: HOUR_MS } });
  await using one = await start();
  await using two = await start();
  await using three = await start();
  const nodes = [one, two, three];
  for (const [index, { port }] of nodes.entries()) {
    for (const target of ["everywhere", `only-${index}`, `a-${2 - index}`]) await Tab.open(port, { target });
  }
  const expected = [
    ...["a-0", "a-1", "a-2"].map((target) => [target, 1, 1]),
    ["everywhere", 3, 3],
    ...["only-0", "only-1", "only-2"].map((target) => [target, 1, 1]),
  ];
  for (const node of nodes) {
    let listed: unknown;
    await eventually(async () => {
      listed = (await list(node, 2)).map((one) => [one.target, one.connections, one.nodes.length]);
      return JSON.stringify(listed) === JSON.stringify(expected);
    }, "the list of all three nodes").catch(() => assertEquals(listed, expected));
  }
});
