import { assertEquals } from "@std/assert";
import { Reader } from "../../../src/journal/nats/reader.ts";
import { ensureStreams } from "../../../src/journal/nats/streams.ts";
import type { NatsLink } from "../../../src/nats/link.ts";
import { tokenOf } from "../../../src/nats/subjects.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { answersNothing, endsSoon, lagsBehind } from "../../nats/unwell.ts";

const STREAMS = {
  stream: "tidings",
  replicas: 1,
  retention: { seconds: 3_600, perTarget: 100, bytes: 1024 * 1024 },
};

const READER = { stream: "tidings", perTarget: 100, retentionSeconds: 60, epoch: () => "e" };
const PATIENCE = { answerMs: 5 };

/** Twenty notifications for Alexander. */
async function twenty(link: NatsLink): Promise<void> {
  await ensureStreams(link, STREAMS);
  for (let n = 1; n <= 20; n++) await link.jetstream.publish(`tidings.in.t.${tokenOf("alexander")}.~`, "{}");
}

async function readBy(reader: Reader, after: number): Promise<number[]> {
  return await Array.fromAsync(reader.after("alexander", after), ({ sequence }) => sequence);
}

function from(first: number): number[] {
  return Array.from({ length: 21 - first }, (_, n) => first + n);
}

test("Reader gives what is after a place and nothing else, also from a server that lags behind it", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await twenty(link);
  lagsBehind(link, 6);
  assertEquals(await readBy(new Reader(link, READER), 3), from(4));
});

test("Reader gives everything when nobody answers but the leader, and asks nobody else for a while", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await twenty(link);
  const count = answersNothing(link);
  const reader = new Reader(link, READER, PATIENCE);
  assertEquals(await readBy(reader, 3), from(4));
  assertEquals(await readBy(reader, 0), from(1));
  assertEquals(count.asked, 1);
});

test("Reader gives everything when a server ends while it reads there", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await twenty(link);
  endsSoon(link);
  assertEquals(await readBy(new Reader(link, READER), 3), from(4));
});

for (const isDown of [false, true]) {
  test(`Reader knows what was crowded out ${isDown ? "when nobody answers but the leader" : ""}`, async () => {
    await using server = await NatsServer.started();
    await using link = await server.link();
    await twenty(link);
    await link.manager.streams.purge("tidings", { seq: 11 });
    if (isDown) answersNothing(link);
    for (const [perTarget, crowdedThrough] of [[9, 11], [10, 0]] as const) {
      const reader = new Reader(link, { ...READER, perTarget }, PATIENCE);
      assertEquals(await reader.crowdedThrough("alexander", 10), crowdedThrough, `${perTarget}`);
      assertEquals(await reader.crowdedThrough("alexander", 11), 0);
    }
  });
}
