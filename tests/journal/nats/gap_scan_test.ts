/** GapScan: it reports every message of a range, whatever the state of the servers. */

import { assert, assertEquals } from "@std/assert";
import { GapScan, type StoredMessageInfo } from "../../../src/journal/nats/gap_scan.ts";
import { ensureStreams } from "../../../src/journal/nats/streams.ts";
import { encodeToken } from "../../../src/nats/subjects.ts";
import { simulateLaggingServer, simulateSilentServers } from "../../nats/faulty_consumers.ts";
import { NatsCluster } from "../../nats/nats_cluster.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";

const STREAMS = {
  stream: "tidings",
  replicas: 1,
  retention: { seconds: 3_600, perTarget: 10_000, bytes: 16 * 1024 * 1024 },
};

test("GapScan reports each message after a sequence number once, and no marker", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, STREAMS);
  for (const subject of ["in.e.~", `in.t.${encodeToken("alexander")}.news`, "mark.1", "in.e.~", "in.e.~"]) {
    await link.jetstream.publish(`tidings.${subject}`, "");
  }
  const found: StoredMessageInfo[] = [];
  const gaps = new GapScan(link, { stream: "tidings", onMessage: (message) => void found.push(message) });
  assert(await gaps.scan(1, 5));
  assertEquals(found, [
    { target: "alexander", lastToken: "news", sequence: 2 },
    { target: null, lastToken: "~", sequence: 4 },
    { target: null, lastToken: "~", sequence: 5 },
  ]);
  assertEquals((await link.manager.streams.info("tidings")).state.consumer_count, 0);
});

test("GapScan reports no message after the end of the range", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, STREAMS);
  for (let n = 0; n < 6; n++) await link.jetstream.publish("tidings.in.e.~", "");
  const found: number[] = [];
  const onMessage = ({ sequence }: StoredMessageInfo) => void found.push(sequence);
  const gaps = new GapScan(link, { stream: "tidings", onMessage });
  for (const head of [2, 3, 5]) {
    found.length = 0;
    assert(await gaps.scan(1, head));
    assertEquals(found, [2, 3, 4, 5].slice(0, head - 1));
  }
  assertEquals((await link.manager.streams.info("tidings")).state.consumer_count, 0);
});

test("GapScan reports no message before the range, even if a server lags behind its start", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, STREAMS);
  for (let n = 1; n <= 12; n++) await link.jetstream.publish("tidings.in.e.~", "");
  simulateLaggingServer(link, 4);
  const found: number[] = [];
  const onMessage = ({ sequence }: StoredMessageInfo) => void found.push(sequence);
  const gaps = new GapScan(link, { stream: "tidings", onMessage });
  assert(await gaps.scan(7, 12));
  assertEquals(found, [8, 9, 10, 11, 12]);
});

test("GapScan reports all messages if only the leader answers", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, STREAMS);
  for (let n = 1; n <= 12; n++) await link.jetstream.publish("tidings.in.e.~", "");
  const count = simulateSilentServers(link);
  const found: number[] = [];
  const onMessage = ({ sequence }: StoredMessageInfo) => void found.push(sequence);
  assert(await new GapScan(link, { stream: "tidings", onMessage }, { createMs: 5 }).scan(7, 12));
  assertEquals([found, count.requests], [[8, 9, 10, 11, 12], 1]);
});

test("GapScan reports all messages of the leader while another server of the stream lags behind", async () => {
  await using cluster = await NatsCluster.started();
  const first = await cluster.servers[0]?.link();
  assert(first !== undefined);
  await ensureStreams(first, { ...STREAMS, replicas: 3 });
  await first.close();
  const leader = await cluster.leaderOf("tidings");
  const lagging = cluster.servers.find((server) => server !== leader);
  await using link = await leader.link();
  const found = new Set<number>();
  const onMessage = ({ sequence }: StoredMessageInfo) => void found.add(sequence);
  const gaps = new GapScan(link, { stream: "tidings", onMessage });
  const payload = "x".repeat(5_000); // when the lagging server is asked, a megabyte is still on its way to it
  for (let from = 0; from < 2_400; from += 200) {
    lagging?.signal("SIGSTOP");
    await Promise.all(Array.from({ length: 200 }, () => link.jetstream.publish("tidings.in.e.~", payload)));
    const scanning = gaps.scan(from, from + 200);
    lagging?.signal("SIGCONT");
    assert(await scanning);
    assertEquals(found.size, from + 200);
  }
});
