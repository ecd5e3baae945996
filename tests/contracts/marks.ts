/** The contract of marks and inboxes in all journals, as tests. The test file of each adapter runs them. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { Draft, Entry, Journal, Retention } from "../../src/journal/journal.ts";
import type { ReadChange } from "../../src/journal/read.ts";
import { OLDEST, type Position } from "../../src/wire/position.ts";
import { type CreateJournal, journalTests, type RegisterTest } from "./journal_tests.ts";
import { PLAIN_DRAFT } from "../journal/plain_draft.ts";

const AMPLE: Retention = { seconds: 3_600, perTarget: 2_000, bytes: 16 * 1024 * 1024 };
const ALL = { entries: 10_000, bytes: 16 * 1024 * 1024 };
const FOREIGN_POSITION: Position = "00000000-00000000009"; // of another journal

/** A mark as browsers receive it. */
interface MarkMessage {
  readonly type: string;
  readonly position: Position;
  readonly at: string;
  readonly through: Position | null;
  readonly read: readonly Position[];
  readonly unread: readonly Position[];
}

let drafts = 0;

function draft(target: string | null, more: Partial<Draft> = {}): Draft {
  const id = `id-${++drafts}`;
  return { id, target, data: "1", ...PLAIN_DRAFT, ...more };
}

/** Appends drafts, and returns their positions. */
async function append(journal: Journal, ...targets: readonly (string | null | Draft)[]): Promise<Position[]> {
  const all = targets.map((one) => typeof one === "object" && one !== null ? one : draft(one));
  const receipts = await journal.append(all);
  return receipts.map((receipt) => {
    assert(receipt.outcome === "kept");
    return receipt.position;
  });
}

async function readAll(journal: Journal, target: string, after: Position): Promise<readonly Entry[]> {
  return (await journal.read(target, after, ALL)).entries;
}

/** The mark that the target's stream has, or undefined. */
async function markOf(journal: Journal, target: string): Promise<MarkMessage | undefined> {
  const marks = (await readAll(journal, target, OLDEST)).filter(({ id }) => id === null);
  assert(marks.length <= 1, "a target has at most one mark");
  return marks[0] === undefined ? undefined : JSON.parse(marks[0].text);
}

function read(...positions: readonly Position[]): ReadChange {
  return { type: "read", positions };
}

function unread(...positions: readonly Position[]): ReadChange {
  return { type: "unread", positions };
}

async function outcomeOf(journal: Journal, target: string, change: ReadChange): Promise<string> {
  return (await journal.mark(target, change)).outcome;
}

/** Whether the notification at this position is read, as a browser tells it from the state. */
function isRead(mark: Pick<MarkMessage, "through" | "read" | "unread">, position: Position): boolean {
  return mark.through !== null && position <= mark.through
    ? !mark.unread.includes(position)
    : mark.read.includes(position);
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function marksContract(
  name: string,
  create: CreateJournal,
  register: RegisterTest = Deno.test,
): void {
  const test = journalTests(name, { create, register, retention: AMPLE, recorded: (entry) => entry });

  test("makes a mark an entry of the target's stream, and of no other", {}, async (fixture) => {
    const { journal, offered, clock } = fixture;
    await journal.follow("alexander");
    await journal.follow("burr");
    const [a1 = "", a2 = ""] = await append(journal, "alexander", "alexander", "burr");
    const receipt = await journal.mark("alexander", read(a1));
    assertEquals(receipt, { outcome: "marked", read: [`id-${drafts - 2}`], pushes: [] });
    const [entry] = await readAll(journal, "alexander", a2);
    assert(entry !== undefined);
    assert(entry.position > a2);
    const { position } = entry, at = new Date(clock.now).toISOString();
    assertEquals(JSON.parse(entry.text), { type: "read", position, at, through: a1, read: [], unread: [] });
    assertEquals([entry.id, entry.target, entry.topic], [null, "alexander", null]);
    assertEquals(entry.bytes, new TextEncoder().encode(entry.text).length);
    assertEquals(offered.filter(({ id }) => id === null).map(({ text }) => text), [entry.text]);
    assertEquals((await readAll(journal, "burr", a2)).filter(({ id }) => id === null), []);
  });

  test("knows of each notification whether it has a push, wherever it is read", {}, async (fixture) => {
    const { journal, offered } = fixture;
    await journal.follow("alexander");
    const push = { after: 10, title: null, body: null, navigate: null };
    const pushed = draft("alexander", { push }), { id } = pushed;
    const [p = "", a1 = "", a2 = ""] = await append(journal, pushed, "alexander", "alexander");
    const ids = [id, `id-${drafts - 1}`, `id-${drafts}`];
    const expected = ids.map((one) => [one, one === id]);
    const flags = (entries: readonly Entry[]) => entries.map(({ id, hasPush }) => [id, hasPush]);
    assertEquals(flags(offered), expected);
    assertEquals(flags(await readAll(journal, "alexander", OLDEST)), expected);
    assertEquals(flags((await journal.inbox("alexander", null, ALL)).entries), expected.toReversed());
    assertEquals(JSON.parse(offered[0]?.text ?? "").push, true);
    const receipt = await journal.mark("alexander", read(p, a1, a2));
    assertEquals(receipt, { outcome: "marked", read: ids, pushes: [id] });
    assertEquals(flags(await readAll(journal, "alexander", a2)), [[null, false]]);
  });

  test("replaces a mark by the next one, and no reader misses the old one", {}, async ({ journal }) => {
    const [a1 = "", a2 = "", a3 = ""] = await append(journal, "alexander", "alexander", "alexander");
    await journal.mark("alexander", read(a1));
    await journal.mark("alexander", read(a3));
    const page = await journal.read("alexander", a2, ALL);
    assert(page.complete);
    assertEquals(page.entries.map(({ id }) => id), [`id-${drafts}`, null]);
    const mark = await markOf(journal, "alexander");
    assertEquals([mark?.through, mark?.read, mark?.unread], [a1, [a3], []]);
  });

  test("merges changes that are made at once", {}, async ({ journal }) => {
    const positions = await append(journal, ...Array<string>(20).fill("alexander"));
    const changes = positions.filter((_, index) => index !== 7).map((position) => read(position));
    await Promise.all(changes.map((change) => journal.mark("alexander", change)));
    const mark = await markOf(journal, "alexander");
    assertEquals([mark?.through, mark?.read], [positions[6], positions.slice(8)]);
    await journal.mark("alexander", read(positions[7] ?? ""));
    assertEquals((await markOf(journal, "alexander"))?.through, positions[19]);
  });

  test("reads through a position, but nothing that came after it", {}, async ({ journal }) => {
    const [a1 = "", a2 = "", a3 = ""] = await append(journal, "alexander", null, "alexander");
    const ids = [2, 1].map((before) => `id-${drafts - before}`);
    const receipt = await journal.mark("alexander", { type: "read", through: a2 });
    assertEquals(receipt, { outcome: "marked", read: ids, pushes: [] });
    const mark = await markOf(journal, "alexander");
    assert(mark !== undefined);
    assertEquals([a1, a2, a3].map((position) => isRead(mark, position)), [true, true, false]);
    assertEquals((await journal.inbox("alexander", null, ALL)).unread, 1);
  });

  test("marks as unread what was read, and as read again", {}, async ({ journal }) => {
    const [a1 = "", a2 = "", a3 = ""] = await append(journal, "alexander", "alexander", "alexander");
    await journal.mark("alexander", { type: "read", through: a3 });
    assertEquals(await journal.mark("alexander", unread(a2)), { outcome: "marked", read: [], pushes: [] });
    const mark = await markOf(journal, "alexander");
    assertEquals([mark?.through, mark?.read, mark?.unread], [a3, [], [a2]]);
    assertEquals((await journal.inbox("alexander", null, ALL)).mark, { through: a3, read: [], unread: [a2] });
    const again = await journal.mark("alexander", read(a1, a2));
    assertEquals(again, { outcome: "marked", read: [], pushes: [] }, "all of them were read before");
    assertEquals((await markOf(journal, "alexander"))?.unread, []);
    await journal.mark("alexander", unread(a3));
    await journal.mark("alexander", { type: "read", through: a3 });
    assertEquals((await markOf(journal, "alexander"))?.unread, []);
  });

  test("makes no entry of a change that changes nothing", {}, async ({ journal, offered }) => {
    await journal.follow("alexander");
    const [a1 = "", b1 = ""] = await append(journal, "alexander", "burr");
    const stale = draft("alexander", { ttl: 0 });
    const [gone = ""] = await append(journal, stale);
    const beyond = `${a1.slice(0, 9)}zzzzzzzzzzz${a1.slice(20)}`;
    await journal.mark("alexander", read(a1));
    const count = offered.length;
    const changes: ReadChange[] = [
      ...[read(a1), read(b1), read(gone), read(FOREIGN_POSITION), read(beyond), unread(b1, beyond)],
      ...[a1, FOREIGN_POSITION, beyond].map((through) => ({ type: "read" as const, through })),
    ];
    for (const change of changes) {
      assertEquals(await outcomeOf(journal, "alexander", change), "unchanged", JSON.stringify(change));
    }
    for (const change of changes) await journal.mark("jefferson", change);
    assertEquals([offered.length, (await readAll(journal, "jefferson", OLDEST)).length], [count, 0]);
  });

  test("reads what everyone was sent for each target by itself", {}, async ({ journal }) => {
    const [all = ""] = await append(journal, null);
    await journal.mark("alexander", read(all));
    const unreadOf = async (target: string) => (await journal.inbox(target, null, ALL)).unread;
    assertEquals([await unreadOf("alexander"), await unreadOf("burr")], [0, 1]);
  });

  test("marks nothing and has an empty inbox with a retention of 0", { seconds: 0 }, async ({ journal }) => {
    const [a1 = ""] = await append(journal, "alexander");
    assertEquals(await journal.mark("alexander", read(a1)), { outcome: "nothing is kept" });
    const { position: _, ...inbox } = await journal.inbox("alexander", null, ALL);
    const mark = { through: null, read: [], unread: [] };
    assertEquals(inbox, { entries: [], more: false, mark, unread: 0 });
  });

  test("refuses a change that needs more than 500 exceptions, as a whole", {}, async ({ journal }) => {
    const positions = await append(journal, ...Array<string>(1_010).fill("alexander"));
    const odd = positions.filter((_, index) => index % 2 === 1);
    await journal.mark("alexander", read(...odd.slice(0, 500)));
    const before = await markOf(journal, "alexander");
    assertEquals(await journal.mark("alexander", read(...odd.slice(500, 501))), {
      outcome: "too many exceptions",
    });
    assertEquals(await markOf(journal, "alexander"), before);
    assertEquals(
      await outcomeOf(journal, "alexander", { type: "read", through: positions[999] ?? "" }),
      "marked",
    );
    assertEquals((await markOf(journal, "alexander"))?.through, positions[999]);
  });

  test(
    "neither counts a mark among the notifications of a target, nor crowds it out",
    { perTarget: 3 },
    async (
      { journal },
    ) => {
      const [a1 = ""] = await append(journal, "alexander", "alexander", "alexander");
      await journal.mark("alexander", read(a1));
      const kept = await readAll(journal, "alexander", OLDEST);
      assertEquals(kept.map(({ id }) => id === null), [false, false, false, true]);
      const later = await append(journal, ...Array<string>(7).fill("alexander"));
      assertEquals((await markOf(journal, "alexander"))?.through, a1);
      const { entries, unread } = await journal.inbox("alexander", null, ALL);
      assertEquals([entries.map(({ position }) => position), unread], [later.slice(-3).reverse(), 3]);
    },
  );

  test("keeps a mark for as long as a notification of the same time", { seconds: 60 }, async (fixture) => {
    const { journal, clock } = fixture;
    const [a1 = ""] = await append(journal, "alexander");
    clock.now += 30_000;
    const [a2 = ""] = await append(journal, "alexander");
    await journal.mark("alexander", read(a1));
    clock.now += 29_999;
    assertEquals((await readAll(journal, "alexander", OLDEST)).length, 3);
    clock.now += 1;
    const [second, mark] = await readAll(journal, "alexander", OLDEST);
    assertEquals([second?.position, mark?.id], [a2, null]);
    assertEquals((await journal.inbox("alexander", null, ALL)).unread, 1);
    clock.now += 30_000;
    assertEquals(await readAll(journal, "alexander", OLDEST), []);
    await append(journal, "burr", "burr"); // an append deletes what has expired
    const page = await journal.read("alexander", a2, ALL);
    assertEquals([page.entries, page.complete], [[], true], "nobody misses a mark that has expired");
  });

  test("drops what is kept no longer from the state at the next change", { seconds: 60 }, async (fixture) => {
    const { journal, clock } = fixture;
    const [a1 = "", a2 = "", a3 = ""] = await append(
      journal,
      draft("alexander"),
      draft("alexander", { ttl: 10 }),
      draft("alexander", { topic: "duel" }),
    );
    await journal.mark("alexander", read(a2, a3));
    const [a4 = ""] = await append(journal, draft("alexander", { topic: "duel" }));
    clock.now += 10_000;
    await journal.mark("alexander", read(a4));
    const mark = await markOf(journal, "alexander");
    assertEquals([mark?.read, mark?.unread], [[a4], []]);
    assertEquals(await outcomeOf(journal, "alexander", read(a1)), "marked");
    assertEquals((await markOf(journal, "alexander"))?.through, a4);
  });

  test("pages through the inbox from the newest to the oldest, each once", {}, async ({ journal }) => {
    const [a1 = "", a2 = "", , a3 = "", all = ""] = await append(
      journal,
      ...["alexander", "alexander", "burr", "alexander", null],
    );
    await journal.mark("alexander", read(a2));
    const first = await journal.inbox("alexander", null, { entries: 2, bytes: ALL.bytes });
    assertEquals(first.entries.map(({ position }) => position), [all, a3]);
    assertEquals([first.more, first.unread], [true, 3]);
    const second = await journal.inbox("alexander", a3, { entries: 2, bytes: ALL.bytes });
    assertEquals(second.entries.map(({ position }) => position), [a2, a1]);
    assertEquals([second.more, second.unread, second.mark], [false, 3, first.mark]);
    const small = await journal.inbox("alexander", null, { entries: 5, bytes: 1 });
    assertEquals([small.entries.length, small.more], [1, true]);
    const none = await journal.inbox("alexander", null, { entries: 0, bytes: 1 });
    assertEquals([none.entries, none.more, none.unread], [[], true, 3]);
    assertEquals((await journal.inbox("alexander", FOREIGN_POSITION, ALL)).entries, []);
  });

  test("has everything after an inbox follow its position", {}, async ({ journal }) => {
    const [a1 = ""] = await append(journal, "alexander", "alexander");
    await journal.mark("alexander", read(a1));
    const { position, entries } = await journal.inbox("alexander", null, ALL);
    assertEquals([entries.length, await readAll(journal, "alexander", position)], [2, []]);
    await append(journal, "burr", "alexander");
    await journal.mark("alexander", { type: "read", through: position });
    const page = await journal.read("alexander", position, ALL);
    assertEquals([page.complete, page.entries.map(({ id }) => id)], [true, [`id-${drafts}`, null]]);
  });

  /** A notification of the model. */
  interface Known {
    readonly position: Position;
    readonly target: string | null;
    isRead: boolean;
  }

  const action = fc.oneof(
    { arbitrary: fc.record({ kind: fc.constant("append"), everyone: fc.boolean() }), weight: 4 },
    fc.record({ kind: fc.constantFrom("read", "unread"), picks: fc.array(fc.nat(30), { maxLength: 4 }) }),
    fc.record({ kind: fc.constant("through"), pick: fc.nat(30) }),
  );

  test("agrees with a model whatever is appended and marked", { perTarget: 8 }, async ({ journal }) => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const target = `model-${name}-${++runs}`;
        const known: Known[] = [];
        const everyones = (await journal.inbox(target, null, ALL)).entries;
        for (const { position } of everyones.toReversed()) {
          known.push({ position, target: null, isRead: false });
        }
        for (const one of actions) {
          if ("everyone" in one) {
            const to = one.everyone ? null : target;
            const [position = ""] = await append(journal, to);
            known.push({ position, target: to, isRead: false });
            const own = known.filter((other) => other.target === to);
            if (own.length > 8) known.splice(known.indexOf(own[0] as Known), 1);
          } else if ("picks" in one) {
            const picked = one.picks.flatMap((pick) => known[pick] ?? []);
            if (picked.length === 0) continue;
            const type = one.kind === "read" ? "read" as const : "unread" as const;
            await journal.mark(target, { type, positions: picked.map(({ position }) => position) });
            for (const notification of picked) notification.isRead = type === "read";
          } else {
            const through = known[one.pick]?.position;
            if (through === undefined) continue;
            await journal.mark(target, { type: "read", through });
            for (const notification of known) {
              if (notification.position <= through) notification.isRead = true;
            }
          }
        }
        const { entries, mark, unread } = await journal.inbox(target, null, ALL);
        assertEquals(
          entries.map(({ position }) => [position, isRead(mark, position)]),
          known.map(({ position, isRead }) => [position, isRead]).toReversed(),
        );
        assertEquals(unread, known.filter(({ isRead }) => !isRead).length);
        const sent = await markOf(journal, target);
        if (sent !== undefined) {
          assertEquals(mark, { through: sent.through, read: sent.read, unread: sent.unread });
        }
      }),
      { numRuns: 40 },
    );
  });
}
