import { assertEquals, assertRejects } from "@std/assert";
import { JetStreamApiError } from "@nats-io/jetstream";
import { ensureStream, StreamMismatchError } from "../../src/nats/streams.ts";
import { NatsCluster } from "./nats_cluster.ts";
import { NatsServer, test } from "./nats_server.ts";

test("ensureStream makes a stream once, however many ask for it at once", async () => {
  await using server = await NatsServer.started();
  await using opened = new AsyncDisposableStack();
  const links = await Promise.all(Array.from({ length: 8 }, async () => opened.use(await server.link())));
  for (let number = 0; number < 20; number++) {
    const needs = { name: `a${number}`, subjects: [`a${number}.>`], max_bytes: 1_000 };
    const infos = await Promise.all(links.map((link) => ensureStream(link, needs)));
    assertEquals(new Set(infos.map(({ created }) => created)).size, 1);
  }
});

test("ensureStream refuses a stream that is different, or whose subjects are another's", async () => {
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

test("ensureStream makes a stream when all the servers are there that it needs", async () => {
  await using cluster = await NatsCluster.started();
  const leader = await cluster.leader();
  const late = cluster.servers.find((server) => server !== leader);
  await late?.stop("SIGTERM"); // so that it says it goes
  await using link = await leader.link();
  const [{ config }] = await Promise.all([
    ensureStream(link, { name: "a", subjects: ["a.>"], num_replicas: 3 }),
    new Promise((resolve) => setTimeout(resolve, 50)).then(() => late?.start()),
  ]);
  assertEquals(config.num_replicas, 3);
});
