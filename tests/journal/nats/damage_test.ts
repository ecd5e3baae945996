/** What the NATS journal does with messages that are not what a node has stored. */

import { assert, assertEquals } from "@std/assert";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { setChecksum } from "../../../src/nats/checksum.ts";
import { eventually } from "../../eventually.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { ALL, draft, JournalNode } from "./journal_node.ts";

const SUBJECT = "tidings.in.t.YWxleGFuZGVy"; // of alexander
const BEGINNING =
  '{"type":"notification","id":"1","position":"00000000-00000000000","at":"2026-01-01T00:00:00.000Z"';

function withHeader(name: string, value: string): MsgHdrs {
  const header = headers();
  header.set(name, value);
  return header;
}

function checksumOf(text: string): MsgHdrs {
  const header = headers();
  setChecksum(header, new TextEncoder().encode(text));
  return header;
}

/** It has no place for the position. */
const LATER = '{"type":"notification","id":"1","v":2,"data":1}';

/** Messages that are no entries. */
const DAMAGED: readonly (readonly [string, string | Uint8Array, MsgHdrs?])[] = [
  ["no JSON", "duel"],
  ["empty", ""],
  ["other JSON", '{"type":"duel"}'],
  ["cut off", `${BEGINNING},"data":{"title":`],
  ["without data", `${BEGINNING}}`],
  ["not UTF-8", new TextEncoder().encode(`${BEGINNING},"data":"?"}`).map((byte) => byte === 63 ? 255 : byte)],
  ["of another checksum", `${BEGINNING},"data":1}`, withHeader("Tidings-Checksum", "1")],
  ["of a wrong topic", `${BEGINNING},"data":1,"topic":5}`],
  ["of an id that is none", `${BEGINNING},"data":1}`.replace('"id":"1"', '"id":"."')],
  ["without an end", `${BEGINNING},"data":1}`, withHeader("Tidings-Expires", "1e999")],
  ["of a wrong urgency", `${BEGINNING},"data":1,"urgency":{}}`],
  ["an array, with a right checksum", "[]", checksumOf("[]")],
  ["of a later version, with a right checksum", LATER, checksumOf(LATER)],
  ["with an expiry that is no number", `${BEGINNING},"data":1}`, withHeader("Tidings-Expires", "soon")],
];

for (const lastToken of ["~", "topic"]) {
  for (const [what, payload, header] of DAMAGED) {
    test(`NatsJournal skips a message that is ${what} on the subject *.${lastToken}, and tells that it is missing`, async () => {
      await using server = await NatsServer.started();
      await using node = await JournalNode.open(server.port);
      await using link = await server.link();
      await node.journal.follow("alexander");
      const start = await node.head();
      await node.journal.append([draft("alexander", { topic: "topic" })]);
      const { seq } = await link.jetstream.publish(`${SUBJECT}.${lastToken}`, payload, {
        ...(header && { headers: header }),
      });
      await eventually(() => node.gaps.length > 0);
      assertEquals(node.gaps, ["alexander"]);
      const [later] = await node.append("alexander");
      await eventually(() => node.offered.at(-1) === later);
      for (let repeat = 0; repeat < 2; repeat++) {
        const page = await node.journal.read("alexander", start, ALL);
        assertEquals(page.complete, false);
        assertEquals(page.entries.map(({ text }) => JSON.parse(text).data).at(-1), later);
        assert((await node.journal.read("alexander", page.next, ALL)).complete);
      }
      assertEquals(node.damaged, [seq], "reported once");
    });
  }
}

test("NatsJournal accepts a message without a checksum, as earlier versions have stored it", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await using link = await server.link();
  const start = await node.head();
  const at = new Date().toISOString();
  const text = BEGINNING.replace("2026-01-01T00:00:00.000Z", at);
  await link.jetstream.publish(`${SUBJECT}.~`, `${text},"data":"old"}`);
  assertEquals([await node.read("alexander", start), node.damaged], [["old"], []]);
});

for (const payload of ["duel", "null", "{}", '{"digest":1,"sentAt":"now"}']) {
  test(`NatsJournal accepts an id again whose claim is ${payload}`, async () => {
    await using server = await NatsServer.started();
    await using node = await JournalNode.open(server.port);
    await using link = await server.link();
    const one = draft("alexander", { id: "1", digest: "d" });
    await link.jetstream.publish("tidings.id.MQ", payload);
    for (const expected of ["kept", "repeated"]) {
      const [receipt] = await node.journal.append([one]);
      assertEquals(receipt?.outcome, expected);
    }
  });

  test(`NatsJournal tells that topics are missing if their record is ${payload}, and goes on`, async () => {
    await using server = await NatsServer.started();
    await using node = await JournalNode.open(server.port);
    await using link = await server.link();
    const start = await node.head();
    await node.journal.append([draft("alexander", { topic: "duel" })]);
    await link.jetstream.publish("tidings.topics.t.YWxleGFuZGVy", payload);
    const page = await node.journal.read("alexander", start, ALL);
    assertEquals(page.complete, false);
    assert((await node.journal.read("alexander", page.next, ALL)).complete);
    const again = draft("alexander", { topic: "duel" });
    await node.journal.append([again]);
    assertEquals(await node.read("alexander", page.next), [JSON.parse(again.data)]);
  });
}
