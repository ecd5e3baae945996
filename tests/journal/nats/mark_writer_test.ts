/** MarkWriter: it stores a mark only if nothing has changed meanwhile that the mark depends on. */

import { assertEquals, assertRejects } from "@std/assert";
import type { ReadMark } from "../../../src/journal/read.ts";
import { MarkWriter, type MarkWriterOptions } from "../../../src/journal/nats/mark_writer.ts";
import type { StoredEntry } from "../../../src/journal/nats/message.ts";
import { ensureStreams } from "../../../src/journal/nats/streams.ts";
import type { Position } from "../../../src/wire/position.ts";
import type { NatsLink } from "../../../src/nats/link.ts";
import { encodeToken } from "../../../src/nats/subjects.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { OPTIONS, RETENTION } from "./journal_node.ts";

/** The notifications that are kept, by their numbers. */
const KEPT = [1, 2];
const SUBJECT = `tidings.in.t.${encodeToken("alexander")}.~read`;
const POSITION = at(1);

function at(sequence: number): Position {
  return `k3x9f0ab-0000000000${sequence}-abc123`;
}

function entry(sequence: number, more: Partial<StoredEntry> = {}): StoredEntry {
  return {
    ...{ id: `${sequence}`, sequence, position: at(sequence), target: "alexander", topic: null },
    ...{ expiresAt: Infinity, hasOwnTtl: false, hasPush: false, text: "", bytes: 0 },
    ...more,
  };
}

async function keptAt(
  _target: string,
  { sequences }: { sequences: readonly number[] },
): Promise<StoredEntry[]> {
  return await Promise.resolve(KEPT.filter((one) => sequences.includes(one)).map((one) => entry(one)));
}

async function* kept(
  _target: string,
  { from, last }: { from: number; last: number },
): AsyncGenerator<StoredEntry, undefined> {
  const found = KEPT.filter((sequence) => sequence > from && sequence <= last);
  yield* await Promise.resolve(found.map((sequence) => entry(sequence)));
}

/** A writer that knows of no mark. */
function writerOver(link: NatsLink, more: Partial<MarkWriterOptions> = {}): MarkWriter {
  return new MarkWriter(link, {
    stream: "tidings",
    retention: RETENTION,
    entries: {
      markOf: () => Promise.resolve(null),
      kept,
      keptAt,
    },
    past: { locate: () => Promise.resolve(null) },
    markers: { ensure: () => Promise.resolve() },
    range: () => Promise.resolve({ epoch: "k3x9f0ab", first: 1, last: 1 }),
    now: () => Date.now(),
    ...more,
  });
}

test("MarkWriter stores no mark if the stream may have gone back since it was read", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, OPTIONS);
  const ensure = () => Promise.resolve(writer.forget());
  const writer = writerOver(link, { markers: { ensure } });
  await assertRejects(() => writer.mark("alexander", { type: "read", positions: [POSITION] }), Error);
  assertEquals((await link.manager.streams.info("tidings")).state.messages, 0);
});

test("MarkWriter overwrites no mark that it does not know, and does not try for ever", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link({ requestMs: 100 });
  await ensureStreams(link, OPTIONS);
  await link.jetstream.publish(SUBJECT, "of another node");
  const error = await assertRejects(
    () => writerOver(link).mark("alexander", { type: "read", positions: [POSITION] }),
    Error,
  );
  assertEquals(error instanceof Error && error.message, "other nodes were faster every time");
  const stored = await link.manager.streams.getMessage("tidings", { last_by_subj: SUBJECT });
  assertEquals(stored?.string(), "of another node");
});

test("MarkWriter knows what the mark names, even if the mark was stored after the end of the stream was read", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, OPTIONS);
  for (let n = 1; n <= 3; n++) await link.jetstream.publish(SUBJECT, "a mark");
  const text = JSON.stringify({ through: null, read: [at(2)], unread: [] });
  const markOf = () => Promise.resolve(entry(3, { id: null, text }));
  const writer = writerOver(link, { entries: { markOf, kept, keptAt } }); // its range ends at 1
  assertEquals(await writer.mark("alexander", { type: "read", positions: [at(1)] }), {
    outcome: "marked",
    read: ["1"],
    pushes: [],
  });
  const stored = await link.manager.streams.getMessage("tidings", { last_by_subj: SUBJECT });
  assertEquals(stored?.json<ReadMark>().through, at(2).slice("k3x9f0ab-".length));
});
