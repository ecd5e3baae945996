/** Tests of the metrics of a real service with real tabs, on one node and on several. */

import { assert, assertEquals } from "@std/assert";
import type { Metrics } from "../../src/metrics/metrics.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { EventReader } from "./event_reader.ts";
import { TestService } from "./test_service.ts";
import { Tab } from "./tab.ts";

/** Yields the snapshots that the console receives. */
async function* snapshots(url: string): AsyncGenerator<{ nodes: ({ node: string } & Metrics)[] }> {
  const response = await fetch(`${url}/console/events`);
  assertEquals(response.status, 200);
  for await (const event of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    yield JSON.parse(event.slice("data: ".length));
  }
}

Deno.test("The service measures connections, deliveries and latency", async () => {
  await using service = await TestService.start();
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
  await service.waitForConnections(1);
  const after = await (await fetch(`${service.url}/metrics`)).text();
  assert(after.includes('\ntidings_connections_ended_total{code="gone"} 1\n'), after);
});

Deno.test("The service measures what is scheduled, and which pushes wait", async () => {
  await using service = await TestService.start();
  const scheduled = async () => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    return text.split("\n").filter((line) => line.startsWith("tidings_scheduled{"));
  };
  assertEquals(await scheduled(), [
    'tidings_scheduled{kind="notification"} 0',
    'tidings_scheduled{kind="push"} 0',
  ]);
  const at = new Date(Date.now() + 3_600_000).toISOString();
  await service.notify({ target: "alexander", data: 1, at });
  await service.notify({ targets: ["alexander", "burr"], data: 1, push: { after: 60 } });
  assertEquals(await scheduled(), [
    'tidings_scheduled{kind="notification"} 1',
    'tidings_scheduled{kind="push"} 2',
  ]);
});

test("The service sends the console the metrics of all nodes, from any of them", async () => {
  await using server = await NatsServer.started();
  const start = () =>
    TestService.start({ TIDINGS_JOURNAL: server.url() }, { limits: { heartbeatMs: 50, snapshotMs: 50 } });
  await using first = await start();
  await using second = await start();
  const { tab } = await Tab.open(second.port, { target: "alexander" });
  for await (const { nodes } of snapshots(first.url)) {
    if (nodes.length === 2 && nodes.some(({ connections }) => connections.websocket === 1)) break;
  }
  await first.notify({ target: "alexander", data: 1 });
  await tab.data(1);
  for await (const { nodes } of snapshots(second.url)) {
    const [accepted, delivered] = [
      nodes.map(({ accepted }) => accepted),
      nodes.map(({ delivered }) => delivered),
    ];
    if (accepted.length < 2) continue; // the node does not know the other one yet
    assertEquals([accepted.toSorted(), delivered.toSorted()], [[0, 1], [0, 1]]);
    break;
  }
  await tab.close();
});

Deno.test("The service stops although a console is open, and ends its stream at once", async () => {
  await using service = await TestService.start();
  const stream = snapshots(service.url);
  assertEquals((await stream.next()).value?.nodes.length, 1);
  const end = Array.fromAsync(stream);
  await service.stop();
  await end;
});
