/** ensureStream: creates a stream or checks it. */

import { assertEquals, assertRejects } from "@std/assert";
import { JetStreamApiError } from "@nats-io/jetstream";
import { ensureStream, StreamMismatchError } from "../../src/nats/streams.ts";
import { NatsCluster } from "./nats_cluster.ts";
import { NatsServer, test } from "./nats_server.ts";

test("ensureStream creates a stream once, however many nodes need it at the same time", async () => {
  await using server = await NatsServer.started();
  await using opened = new AsyncDisposableStack();
  const links = await Promise.all(Array.from({ length: 8 }, async () => opened.use(await server.link())));
  for (let number = 0; number < 20; number++) {
    const required = { name: `a${number}`, subjects: [`a${number}.>`], max_bytes: 1_000 };
    const ensured = await Promise.all(links.map((link) => ensureStream(link, required)));
    assertEquals(new Set(ensured.map(({ info }) => info.created)).size, 1);
  }
});

test("ensureStream rejects if the stream has another configuration, or another stream has its subjects", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStream(link, { name: "a", subjects: ["a.>"] });
  await ensureStream(link, { name: "a" });
  await assertRejects(
    () => ensureStream(link, { name: "a", subjects: ["b.>"] }),
    StreamMismatchError,
    'subjects is ["a.>"]',
  );
  await assertRejects(
    () => ensureStream(link, { name: "b", subjects: ["a.b"] }),
    JetStreamApiError,
    "overlap",
  );
});

test("ensureStream waits until there are enough servers for the replicas", async () => {
  await using cluster = await NatsCluster.started();
  const leader = await cluster.leader();
  const late = cluster.servers.find((server) => server !== leader);
  await late?.stop("SIGTERM"); // a server that is terminated tells the others that it leaves
  await using link = await leader.link();
  const [{ info: { config } }] = await Promise.all([
    ensureStream(link, { name: "a", subjects: ["a.>"], num_replicas: 3 }),
    new Promise((resolve) => setTimeout(resolve, 50)).then(() => late?.start()),
  ]);
  assertEquals(config.num_replicas, 3);
});
