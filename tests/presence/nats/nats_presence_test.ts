/** The stores of presence in NATS fulfil the contracts, and several nodes with one stream agree on every record. */

import { assert, assertEquals } from "@std/assert";
import { withNode, withoutNode } from "../../../src/presence/presence_record.ts";
import { lastSeenContract, NOW } from "../../contracts/last_seen.ts";
import { allOf, MOMENT, presenceRecordsContract, recordOf } from "../../contracts/presence_records.ts";
import { eventually } from "../../eventually.ts";
import { NatsCluster } from "../../nats/nats_cluster.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { PresenceNodes } from "./presence_nodes.ts";

presenceRecordsContract("NatsPresence", async (options) => {
  const server = await NatsServer.started(), nodes = new PresenceNodes();
  const records = await nodes.open(server, options);
  const close = () => nodes[Symbol.asyncDispose]().then(() => server[Symbol.asyncDispose]());
  return { records, [Symbol.asyncDispose]: close };
}, test);

lastSeenContract("NatsLastSeen", async (options) => {
  const server = await NatsServer.started(), nodes = new PresenceNodes();
  const lastSeen = await nodes.openLastSeen(server, options);
  const close = () => nodes[Symbol.asyncDispose]().then(() => server[Symbol.asyncDispose]());
  return { lastSeen, [Symbol.asyncDispose]: close };
}, test);

test("NatsPresence notes one first and one last connection when three nodes change a record at once", async () => {
  await using cluster = await NatsCluster.started();
  await using nodes = new PresenceNodes();
  const all = await Promise.all(cluster.servers.map((server) => nodes.open(server, { replicas: 3 })));
  assertEquals(all.length, 3);
  for (let round = 0; round < 10; round++) {
    const target = `target ${round}`;
    await Promise.all(
      all.map((records, n) =>
        records.change(target, (record) => withNode(record, { ...MOMENT, node: `n${n}` }))
      ),
    );
    await Promise.all(
      all.map((records, n) =>
        records.change(target, (record) => withoutNode(record, { ...MOMENT, node: `n${n}` }))
      ),
    );
    for (const records of all) {
      const { nodes, events } = await recordOf(records, target);
      assertEquals([nodes, events.map(({ type }) => type)], [{}, ["target.online", "target.offline"]]);
    }
  }
});

test("NatsPresence counts it as an interruption when its connection was lost, or its stream", async () => {
  await using server = await NatsServer.started();
  await using nodes = new PresenceNodes();
  const records = await nodes.open(server);
  await records.change("alexander", (record) => withNode(record, MOMENT));
  assertEquals(records.interruptions, 0);
  await server.stop();
  await server.start();
  await eventually(() => records.interruptions === 1, "the connection is back");
  const [link] = nodes.links;
  assert(link !== undefined);
  await link.manager.streams.delete("tidings-presence");
  await eventually(() => records.interruptions === 2, "the stream is created again");
  assertEquals(nodes.losses, ["tidings-presence missing"]);
  assertEquals(await allOf(records), {});
  await records.change("alexander", (record) => withNode(record, MOMENT));
});

test("NatsPresence skips a message that no node has stored", async () => {
  await using server = await NatsServer.started();
  await using nodes = new PresenceNodes();
  const records = await nodes.open(server), [link] = nodes.links;
  await records.change("eliza", (record) => withNode(record, MOMENT));
  await link?.jetstream.publish("tidings.presence.YnVycg", "{}");
  assertEquals(Object.keys(await allOf(records)), ["eliza"]);
  assertEquals(nodes.damaged, [2]);
  assertEquals((await records.change("burr", (record) => withNode(record, MOMENT))).teller, "n1");
});

test("NatsLastSeen tells another node what it has stored, and keeps it for as long as the latest start says", async () => {
  await using server = await NatsServer.started();
  await using nodes = new PresenceNodes();
  const now = () => NOW, one = await nodes.openLastSeen(server, { now });
  one.saw("alexander", NOW - 3_000);
  one.saw("alexander", NOW - 2_000);
  await one.close();
  const other = await nodes.openLastSeen(server, { now, keptMs: 60_000 });
  assertEquals(await other.of("alexander"), NOW - 2_000);
  const { config } = await nodes.links[0]?.manager.streams.info("tidings-seen") ?? {};
  assertEquals(config?.max_age, 60_000 * 1e6);
  await other.forget("alexander");
  assertEquals(await (await nodes.openLastSeen(server, { now, keptMs: 60_000 })).of("alexander"), null);
});

test("NatsLastSeen stores later what it could not store", async () => {
  await using server = await NatsServer.started();
  await using nodes = new PresenceNodes();
  const now = () => NOW, lastSeen = await nodes.openLastSeen(server, { now });
  await server.stop();
  lastSeen.saw("alexander", NOW - 1_000);
  lastSeen.saw("alexander", NOW - 500);
  assertEquals(await lastSeen.of("alexander"), NOW - 500);
  await server.start();
  const other = await nodes.openLastSeen(server, { now });
  await eventually(async () => await other.of("alexander") === NOW - 500, "it is stored");
});
