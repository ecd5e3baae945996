/** NatsJournal on three servers: elections, lost routes, servers that lag behind, and a leader that is killed. */

import { assert, assertEquals } from "@std/assert";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { ensureStreams } from "../../../src/journal/nats/streams.ts";
import { leaderElectedSubject } from "../../../src/nats/subjects.ts";
import { eventually } from "../../eventually.ts";
import { NatsCluster } from "../../nats/nats_cluster.ts";
import { type NatsServer, test } from "../../nats/nats_server.ts";
import { draft, JournalNode, OPTIONS, untilAvailable } from "./journal_node.ts";

/** Creates the stream, and resolves with the server that leads it. */
async function createStream(cluster: NatsCluster): Promise<NatsServer> {
  await using link = await cluster.servers[0]?.link();
  assert(link !== undefined);
  await ensureStreams(link, { ...OPTIONS, replicas: 3 });
  return await cluster.leaderOf("tidings");
}

test("A new leader of the stream announces itself to NatsJournal before it sends anything", async () => {
  await using cluster = await NatsCluster.started();
  await using node = await JournalNode.open(cluster.servers.map(({ port }) => port), { replicas: 3 });
  await using link = await cluster.servers[0]?.link();
  assert(link !== undefined);
  const received: string[] = [];
  for (const subject of [leaderElectedSubject("tidings"), "tidings.out.>"]) {
    link.connection.subscribe(subject, { callback: (_, message) => void received.push(message.subject) });
  }
  await link.connection.flush();
  await link.connection.request("$JS.API.STREAM.LEADER.STEPDOWN.tidings");
  await untilAvailable(() => node.append("alexander"));
  await eventually(() => received.length >= 2);
  assertEquals(received[0], leaderElectedSubject("tidings"));
});

test("NatsJournal finds what a lost route between two servers lost, even if the route is restored at once", async () => {
  await using cluster = await NatsCluster.proxied();
  await createStream(cluster);
  const leader = await cluster.moveLeaderFromFirst("tidings");
  const follower = cluster.servers.slice(1).find((server) => server !== leader);
  assert(follower !== undefined);
  await using publisher = await JournalNode.open(leader.port, { replicas: 3 });
  await using cut = await JournalNode.open(follower.port, { replicas: 3, checkMs: 1_000 });
  for (const target of ["alexander", "silent"]) await cut.journal.follow(target);
  const start = await cut.head();
  const lost = await (async () => {
    using _cut = cluster.cutRoute();
    return await publisher.append("alexander");
  })();
  await eventually(() => cut.gaps.length > 0);
  assertEquals([cut.gaps, cut.offered], [["alexander"], []]);
  assertEquals(await untilAvailable(() => cut.read("alexander", start)), lost);
});

test("NatsJournal reads everything that was stored while one of its servers lags behind", async () => {
  await using cluster = await NatsCluster.started();
  const leader = await createStream(cluster);
  const lagging = cluster.servers.find((server) => server !== leader);
  await using node = await JournalNode.open(leader.port, { replicas: 3 });
  const filler = "x".repeat(5_000); // when the lagging server is asked, a megabyte is still on its way to it
  for (let round = 0; round < 12; round++) {
    const start = await node.head();
    const drafts = Array.from({ length: 200 }, (_, n) => draft("alexander", { data: `"${n} ${filler}"` }));
    lagging?.signal("SIGSTOP");
    await node.journal.append(drafts);
    const reading = untilAvailable(() => node.read("alexander", start));
    lagging?.signal("SIGCONT");
    assertEquals((await reading).length, drafts.length);
  }
});

test("NatsJournal loses nothing that it accepted when the leader of three servers is killed", async () => {
  await using cluster = await NatsCluster.started();
  const ports = cluster.servers.map(({ port }) => port);
  await using publisher = await JournalNode.open(ports, { replicas: 3, requestMs: 500 });
  const leader = await cluster.leaderOf("tidings");
  await using node = await JournalNode.open(ports.filter((port) => port !== leader.port), {
    replicas: 3,
    requestMs: 500,
  });
  await node.journal.follow("alexander");
  const start = await node.head();
  const accepted: string[] = [];
  const publish = async (count: number) => {
    for (let left = count; left > 0;) {
      const one = draft("alexander", { digest: "d" });
      const receipts = await publisher.journal.append([one]).catch((error) =>
        assert(error instanceof UnavailableError)
      );
      if (receipts === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      else left -= accepted.push(JSON.parse(one.data)) > 0 ? 1 : 0;
    }
  };
  await publish(20);
  await leader.stop();
  await publish(20);
  await eventually(() => node.offered.at(-1) === accepted.at(-1) || node.gaps.length > 0);
  const read = await untilAvailable(() => node.read("alexander", start));
  assertEquals(accepted.filter((one) => !read.includes(one)), []);
  assertEquals(new Set(read).size, read.length);
});
