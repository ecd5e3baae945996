import { assertEquals, assertRejects } from "@std/assert";
import { JetStreamApiError } from "@nats-io/jetstream";
import { ensureStream, StreamMisfit } from "../../src/nats/streams.ts";
import { NatsServer, test } from "./nats_server.ts";

test("ensureStream makes a stream once, however many ask for it at once", async () => {
  await using server = await NatsServer.started();
  const links = await Promise.all(Array.from({ length: 8 }, () => server.link()));
  for (let number = 0; number < 20; number++) {
    const needs = { name: `a${number}`, subjects: [`a${number}.>`], max_bytes: 1_000 };
    const infos = await Promise.all(links.map((link) => ensureStream(link, needs)));
    assertEquals(new Set(infos.map(({ created }) => created)).size, 1);
  }
  await Promise.all(links.map((link) => link.close()));
});

test("ensureStream refuses a stream that is different, or whose subjects are another's", async () => {
  await using server = await NatsServer.started();
  const link = await server.link();
  await ensureStream(link, { name: "a", subjects: ["a.>"] });
  await ensureStream(link, { name: "a" });
  await assertRejects(
    () => ensureStream(link, { name: "a", subjects: ["b.>"] }),
    StreamMisfit,
    'subjects is ["a.>"]',
  );
  await assertRejects(
    () => ensureStream(link, { name: "b", subjects: ["a.b"] }),
    JetStreamApiError,
    "overlap",
  );
  await link.close();
});
