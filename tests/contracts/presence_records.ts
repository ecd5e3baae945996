/** The contract of the stores of presence records. Each adapter's test runs it. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../src/journal/journal.ts";
import {
  NOBODY,
  type PresenceRecord,
  withNode,
  withoutEvent,
  withoutNode,
} from "../../src/presence/presence_record.ts";
import {
  NoRoomError,
  type PresenceRecords,
  type PresenceRecordsOptions,
} from "../../src/presence/presence_records.ts";

const OPTIONS = { maxBytes: 1024 * 1024 };
const UNUSUAL = ["a.b.*.>", "é🗽 \t", '\u2028"\\', "x".repeat(256)];

/** What the adapter's test creates. Disposing it closes the records. */
export interface OpenRecords extends AsyncDisposable {
  readonly records: PresenceRecords;
}

export const MOMENT = { node: "n1", at: 1_000, now: 1_001 };

export async function recordOf(records: PresenceRecords, target: string): Promise<PresenceRecord> {
  return await records.change(target, (record) => record);
}

/** All records by their targets. */
export async function allOf(records: PresenceRecords): Promise<Record<string, PresenceRecord>> {
  return Object.fromEntries(await Array.fromAsync(records.all()));
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function presenceRecordsContract(
  name: string,
  open: (options: PresenceRecordsOptions) => Promise<OpenRecords>,
  register: (name: string, test: () => Promise<void>) => void = Deno.test,
): void {
  const test = (
    behaviour: string,
    run: (records: PresenceRecords) => Promise<void>,
    options: PresenceRecordsOptions = OPTIONS,
  ) =>
    register(`${name} ${behaviour}`, async () => {
      await using opened = await open(options);
      await run(opened.records);
    });

  test("keeps what a change makes of a record, for each target of its own", async (records) => {
    for (const target of UNUSUAL) {
      assertEquals(await recordOf(records, target), NOBODY);
      const changed = await records.change(target, (record) => withNode(record, MOMENT));
      assertEquals([changed.nodes, changed.teller], [{ n1: 1_000 }, "n1"]);
      assertEquals(await recordOf(records, target), changed);
    }
    assertEquals(Object.keys(await allOf(records)).toSorted(), UNUSUAL.toSorted());
  });

  test("removes a record that says nothing any more", async (records) => {
    const { events: [online] } = await records.change("alexander", (record) => withNode(record, MOMENT));
    assert(online !== undefined);
    await records.change("alexander", (record) => withoutEvent(record, online.id));
    assertEquals(Object.keys(await allOf(records)), ["alexander"]);
    const { events: [offline] } = await records.change("alexander", (record) => withoutNode(record, MOMENT));
    assert(offline !== undefined);
    await records.change("alexander", (record) => withoutEvent(record, offline.id));
    assertEquals(await allOf(records), {});
    await records.change("alexander", (record) => withNode(record, MOMENT));
    assertEquals(Object.keys(await allOf(records)), ["alexander"]);
  });

  test("makes changes at once one after the other", async (records) => {
    const nodes = Array.from({ length: 20 }, (_, n) => `n${n}`);
    await Promise.all(
      nodes.map((node) => records.change("alexander", (record) => withNode(record, { ...MOMENT, node }))),
    );
    const { nodes: kept, events } = await recordOf(records, "alexander");
    assertEquals(Object.keys(kept).toSorted(), nodes.toSorted());
    assertEquals(events.map(({ type }) => type), ["target.online"]);
  });

  test("lists more records than it reads at a time", async (records) => {
    const targets = Array.from({ length: 600 }, (_, n) => `target ${n}`);
    await Promise.all(targets.map((target) => records.change(target, (record) => withNode(record, MOMENT))));
    assertEquals(Object.keys(await allOf(records)).toSorted(), targets.toSorted());
  });

  test("lists each record at least once, also one that is changed again and again meanwhile", async (records) => {
    const targets = Array.from({ length: 100 }, (_, n) => `target ${n}`), seen = new Set<string>();
    const changeAll = async (node: string) =>
      await Promise.all(
        targets.map((target) => records.change(target, (record) => withNode(record, { ...MOMENT, node }))),
      );
    await changeAll("n1");
    let changes = 0;
    for await (const [target] of records.all()) {
      seen.add(target);
      if (seen.size % 20 === 1 && changes < 5) await changeAll(`n${2 + changes++}`);
    }
    assertEquals([...seen].toSorted(), targets.toSorted());
  });

  test("refuses new targets when it is full, and still changes those that it has", async (records) => {
    const add = (target: string) => records.change(target, (record) => withNode(record, MOMENT));
    let count = 0;
    const fill = async () => {
      for (; count < 1_000; count++) await add(`${count}`);
    };
    await assertRejects(fill, NoRoomError);
    assert(count >= 5, `${count}`);
    const { events: [, offline] } = await records.change("0", (record) => withoutNode(record, MOMENT));
    assertEquals(offline?.type, "target.offline");
  }, { maxBytes: 4_096 });

  test("rejects with UnavailableError once it is closed", async (records) => {
    await records.close();
    await assertRejects(() => records.change("alexander", (r) => withNode(r, MOMENT)), UnavailableError);
  });
}
