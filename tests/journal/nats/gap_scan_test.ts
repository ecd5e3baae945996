import { assert, assertEquals } from "@std/assert";
import { GapScan, type StoredMessageInfo } from "../../../src/journal/nats/gap_scan.ts";
import { ensureStreams } from "../../../src/journal/nats/streams.ts";
import { tokenOf } from "../../../src/nats/subjects.ts";
import { NatsCluster } from "../../nats/nats_cluster.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { answersNothing, lagsBehind } from "../../nats/unwell.ts";

const STREAMS = {
  stream: "tidings",
  replicas: 1,
  retention: { seconds: 3_600, perTarget: 10_000, bytes: 16 * 1024 * 1024 },
};

test("Audit tells once of each message after a place, and of no mark", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, STREAMS);
  for (const subject of ["in.e.~", `in.t.${tokenOf("alexander")}.news`, "mark.1", "in.e.~", "in.e.~"]) {
    await link.jetstream.publish(`tidings.${subject}`, "");
  }
  const told: StoredMessageInfo[] = [];
  const audit = new GapScan(link, { stream: "tidings", audit: (trace) => void told.push(trace) });
  assert(await audit.look(1, 5));
  assertEquals(told, [
    { target: "alexander", lastToken: "news", sequence: 2 },
    { target: null, lastToken: "~", sequence: 4 },
    { target: null, lastToken: "~", sequence: 5 },
  ]);
  assertEquals((await link.manager.streams.info("tidings")).state.consumer_count, 0);
});

test("Audit tells of nothing that came after the end that it was given", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, STREAMS);
  for (let n = 0; n < 6; n++) await link.jetstream.publish("tidings.in.e.~", "");
  const told: number[] = [];
  const audit = new GapScan(link, { stream: "tidings", audit: ({ sequence }) => void told.push(sequence) });
  for (const head of [2, 3, 5]) {
    told.length = 0;
    assert(await audit.look(1, head));
    assertEquals(told, [2, 3, 4, 5].slice(0, head - 1));
  }
  assertEquals((await link.manager.streams.info("tidings")).state.consumer_count, 0);
});

test("Audit tells of nothing that came before its place, also from a server that lags behind that", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, STREAMS);
  for (let n = 1; n <= 12; n++) await link.jetstream.publish("tidings.in.e.~", "");
  lagsBehind(link, 4);
  const told: number[] = [];
  const audit = new GapScan(link, { stream: "tidings", audit: ({ sequence }) => void told.push(sequence) });
  assert(await audit.look(7, 12));
  assertEquals(told, [8, 9, 10, 11, 12]);
});

test("Audit tells of all when nobody answers but the leader", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, STREAMS);
  for (let n = 1; n <= 12; n++) await link.jetstream.publish("tidings.in.e.~", "");
  const count = answersNothing(link);
  const told: number[] = [];
  const options = { stream: "tidings", audit: ({ sequence }: StoredMessageInfo) => void told.push(sequence) };
  assert(await new GapScan(link, options, { answerMs: 5 }).look(7, 12));
  assertEquals([told, count.asked], [[8, 9, 10, 11, 12], 1]);
});

test("Audit tells of all that its leader has, also while a server that has the stream lags behind", async () => {
  await using cluster = await NatsCluster.started();
  const made = await cluster.servers[0]?.link();
  assert(made !== undefined);
  await ensureStreams(made, { ...STREAMS, replicas: 3 });
  await made.close();
  const leader = await cluster.leaderOf("tidings");
  const lagging = cluster.servers.find((server) => server !== leader);
  await using link = await leader.link();
  const told = new Set<number>();
  const audit = new GapScan(link, { stream: "tidings", audit: ({ sequence }) => void told.add(sequence) });
  const payload = "x".repeat(5_000); // a megabyte is on its way to the one that lags when it is asked
  for (let from = 0; from < 2_400; from += 200) {
    lagging?.signal("SIGSTOP");
    await Promise.all(Array.from({ length: 200 }, () => link.jetstream.publish("tidings.in.e.~", payload)));
    const looking = audit.look(from, from + 200);
    lagging?.signal("SIGCONT");
    assert(await looking);
    assertEquals(told.size, from + 200);
  }
});
