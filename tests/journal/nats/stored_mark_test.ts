/** Stored marks: every position comes back as it was, in whatever epoch. */

import { assert, assertEquals } from "@std/assert";
import { headers } from "@nats-io/nats-core";
import { setChecksum } from "../../../src/nats/checksum.ts";
import { parseNotification } from "../../../src/journal/nats/message.ts";
import { MARK, outgoingMark, parseMark, readMarkOf } from "../../../src/journal/nats/stored_mark.ts";
import { isPosition } from "../../../src/wire/position.ts";

const NOW = Date.UTC(1804, 6, 11, 7);
const FIRST = "k3x9f0ab-00000000001-000000", SECOND = "k3x9f0ab-0000000000b-abc123";
const THIRD = "k3x9f0ab-zzzzzzzzzzz-zzzzzz";
const READ_MARK = { through: SECOND, read: [THIRD], unread: [FIRST] };

function incoming(readMark: typeof READ_MARK): Parameters<typeof parseMark>[0] {
  const { headers: header, payload: data } = outgoingMark(readMark, {
    stream: "tidings",
    target: "alexander",
    now: NOW,
  });
  return { target: "alexander", lastToken: MARK, sequence: 40, header, data };
}

Deno.test("parseMark gives the mark at its own position, with the positions in the epoch of the stream", () => {
  const entry = parseMark(incoming(READ_MARK), { epoch: "k3x9f0ab", retentionSeconds: 60 });
  assert(entry !== null);
  assert(entry.position.startsWith("k3x9f0ab-00000000014-"));
  assert(isPosition(entry.position));
  assertEquals(JSON.parse(entry.text), {
    ...{ type: "read", position: entry.position, at: "1804-07-11T07:00:00.000Z" },
    ...READ_MARK,
  });
  assertEquals(readMarkOf(entry, NOW), READ_MARK);
  assertEquals([entry.id, entry.expiresAt, entry.bytes], [null, NOW + 60_000, entry.text.length]);
  const restored = parseMark(incoming(READ_MARK), { epoch: "l0000000", retentionSeconds: 60 });
  assertEquals(readMarkOf(restored, NOW).unread, [FIRST.replace("k3x9f0ab", "l0000000")]);
});

Deno.test("A node that takes a stored mark for a notification, as version 0.1.0 does, passes on valid JSON", () => {
  const { data } = incoming(READ_MARK), text = new TextDecoder().decode(data);
  const from = text.indexOf('","position":"') + 14; // where that version puts the position
  const { type, position } = JSON.parse(text.slice(0, from) + FIRST + text.slice(text.indexOf('"', from)));
  assertEquals([type, position], ["read", FIRST]);
  // This version takes it for none, should it ever come as one.
  assertEquals(
    parseNotification(incoming(READ_MARK), { epoch: "k3x9f0ab", retentionSeconds: 60 }),
    null,
  );
});

Deno.test("parseMark returns null for what no node has stored", () => {
  const context = { epoch: "k3x9f0ab", retentionSeconds: 60 };
  const message = incoming(READ_MARK);
  const payloads = ["duel", "null", "{}", '{"at":"now","through":null,"read":[],"unread":[]}'];
  for (const data of payloads.map((text) => new TextEncoder().encode(text))) {
    for (const isSigned of [false, true]) {
      const header = headers();
      if (isSigned) setChecksum(header, data);
      assertEquals(parseMark({ ...message, header, data }, context), null);
    }
  }
  assertEquals(
    parseMark({ ...message, header: headers() }, context),
    null,
    "marks have had checksums at all times",
  );
});

Deno.test("readMarkOf takes nothing as read without a mark, with a damaged one, or when it has expired", () => {
  const entry = parseMark(incoming(READ_MARK), { epoch: "k3x9f0ab", retentionSeconds: 60 });
  const nothing = { through: null, read: [], unread: [] };
  assertEquals(readMarkOf(entry, NOW + 59_999), READ_MARK);
  assertEquals(readMarkOf(entry, NOW + 60_000), nothing);
  assertEquals(readMarkOf({ sequence: 40, text: null }, NOW), nothing);
  assertEquals(readMarkOf(null, NOW), nothing);
});
