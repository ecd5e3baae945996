/** SubjectReader: it reads everything on a subject, whatever the state of the servers. */

import { assertEquals } from "@std/assert";
import { Damage } from "../../../src/nats/damage.ts";
import { SubjectReader } from "../../../src/journal/nats/subject_reader.ts";
import { ensureStreams } from "../../../src/journal/nats/streams.ts";
import type { NatsLink } from "../../../src/nats/link.ts";
import { encodeToken } from "../../../src/nats/subjects.ts";
import { simulateCrash, simulateLaggingServer, simulateSilentServers } from "../../nats/faulty_consumers.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";

const STREAMS = {
  stream: "tidings",
  replicas: 1,
  retention: { seconds: 3_600, perTarget: 100, bytes: 1024 * 1024 },
};

const OPTIONS = {
  stream: "tidings",
  perTarget: 100,
  retentionSeconds: 60,
  epoch: () => "e",
  damage: new Damage(() => {}), // the messages are read for their numbers only
};
const TIMEOUTS = { createMs: 5 };

/** Stores twenty notifications for one target. */
async function storeTwenty(link: NatsLink): Promise<void> {
  await ensureStreams(link, STREAMS);
  const subject = `tidings.in.t.${encodeToken("alexander")}.~`;
  for (let n = 1; n <= 20; n++) await link.jetstream.publish(subject, "{}");
}

async function readAfter(reader: SubjectReader, after: number): Promise<number[]> {
  return await Array.fromAsync(reader.after("alexander", after), ({ sequence }) => sequence);
}

/** The sequence numbers from the given one up to 20. */
function from(first: number): number[] {
  return Array.from({ length: 21 - first }, (_, n) => first + n);
}

test("SubjectReader reads what comes after a sequence number, even if a server lags behind it", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await storeTwenty(link);
  simulateLaggingServer(link, 6);
  assertEquals(await readAfter(new SubjectReader(link, OPTIONS), 3), from(4));
});

test("SubjectReader reads everything if only the leader answers, and requests no consumer for a while", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await storeTwenty(link);
  const count = simulateSilentServers(link);
  const reader = new SubjectReader(link, OPTIONS, TIMEOUTS);
  assertEquals(await readAfter(reader, 3), from(4));
  assertEquals(await readAfter(reader, 0), from(1));
  assertEquals(count.requests, 1);
});

test("SubjectReader reads everything if the server of its consumer ends during the read", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await storeTwenty(link);
  simulateCrash(link);
  assertEquals(await readAfter(new SubjectReader(link, OPTIONS), 3), from(4));
});

for (const isDown of [false, true]) {
  test(`SubjectReader knows what was evicted${isDown ? ", even if only the leader answers" : ""}`, async () => {
    await using server = await NatsServer.started();
    await using link = await server.link();
    await storeTwenty(link);
    await link.manager.streams.purge("tidings", { seq: 11 });
    if (isDown) simulateSilentServers(link);
    for (const [perTarget, evictedThrough] of [[9, 11], [10, 0]] as const) {
      const reader = new SubjectReader(link, { ...OPTIONS, perTarget }, TIMEOUTS);
      assertEquals(await reader.evictedThrough("alexander", 10), evictedThrough, `${perTarget}`);
      assertEquals(await reader.evictedThrough("alexander", 11), 0);
    }
  });
}
