/** The metrics of a real service: what happens to real tabs is in them, on one node and on several. */

import { assert, assertEquals } from "@std/assert";
import type { Metrics } from "../../src/metrics/metrics.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { EventReader } from "./event_reader.ts";
import { Running } from "./running.ts";
import { Tab } from "./tab.ts";

/** What the console is told, event by event. */
async function* sights(url: string): AsyncGenerator<{ nodes: ({ node: string } & Metrics)[] }> {
  const response = await fetch(`${url}/console/events`);
  assertEquals(response.status, 200);
  for await (const event of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    yield JSON.parse(event.slice("data: ".length));
  }
}

Deno.test("The service measures connections, deliveries and how long they took", async () => {
  await using service = await Running.started();
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  await using reader = await EventReader.open(service.port, { target: "burr" });
  await reader.welcome();
  await service.notify({ targets: ["alexander", "burr"], data: 1 });
  await service.notify({ everyone: true, data: 2 });
  await tab.data(2);
  await reader.data(2);
  await (await fetch(`${service.url}/nowhere`)).body?.cancel();

  const text = await (await fetch(`${service.url}/metrics`)).text();
  for (
    const line of [
      'connections{transport="websocket"} 1',
      'connections{transport="sse"} 1',
      "targets 2",
      "connections_behind 0",
      "seats_taken 2",
      "notifications_total 3",
      "deliveries_total 4",
      'refused_total{status="404"} 1',
      'failures_total{of="journal"} 0',
    ]
  ) assert(text.includes(`\ntidings_${line}\n`), `${line} in\n${text}`);
  const [, count = ""] = /^tidings_delivery_seconds_count (\d+)$/m.exec(text) ?? [];
  assert(Number(count) > 0);

  await tab.close();
  await service.holds(1);
  const after = await (await fetch(`${service.url}/metrics`)).text();
  assert(after.includes('\ntidings_connections_ended_total{code="gone"} 1\n'), after);
});

test("The service tells the console of all nodes, from any of them", async () => {
  await using server = await NatsServer.started();
  const start = () => Running.started({ TIDINGS_JOURNAL: server.url() }, { heartbeatMs: 50, snapshotMs: 50 });
  await using first = await start();
  await using second = await start();
  const { tab } = await Tab.open(second.port, { target: "alexander" });
  for await (const { nodes } of sights(first.url)) {
    if (nodes.length === 2 && nodes.some(({ connections }) => connections.websocket === 1)) break;
  }
  await first.notify({ target: "alexander", data: 1 });
  await tab.data(1);
  for await (const { nodes } of sights(second.url)) {
    const [accepted, delivered] = [
      nodes.map(({ accepted }) => accepted),
      nodes.map(({ delivered }) => delivered),
    ];
    if (accepted.length < 2) continue; // it has not heard of the other yet
    assertEquals([accepted.toSorted(), delivered.toSorted()], [[0, 1], [0, 1]]);
    break;
  }
  await tab.close();
});

Deno.test("The service stops while somebody looks at the console, who is sent away at once", async () => {
  await using service = await Running.started();
  const seen = sights(service.url);
  assertEquals((await seen.next()).value?.nodes.length, 1);
  const end = Array.fromAsync(seen);
  await service.stop();
  await end;
});
