/** The contract of erasures in all journals, as tests. The test file of each adapter runs them. */

import { assert, assertEquals } from "@std/assert";
import type { Draft, Journal, Receipt, Retention } from "../../src/journal/journal.ts";
import { OLDEST, type Position } from "../../src/wire/position.ts";
import { PLAIN_DRAFT } from "../journal/plain_draft.ts";
import { type CreateJournal, journalTests, type RegisterTest } from "./journal_tests.ts";

const AMPLE: Retention = { seconds: 3_600, perTarget: 100, bytes: 16 * 1024 * 1024 };
const ALL = { entries: 10_000, bytes: 16 * 1024 * 1024 };

let drafts = 0;

function draft(target: string | null, more: Partial<Draft> = {}): Draft {
  const data = String(++drafts);
  return { id: `id-${data}`, target, data, ...PLAIN_DRAFT, ...more };
}

function positionOf(receipt: Receipt | undefined): Position {
  assert(receipt?.outcome === "kept");
  return receipt.position;
}

async function append(journal: Journal, ...all: readonly (string | null | Draft)[]): Promise<Position[]> {
  const own = all.map((one) => typeof one === "object" && one !== null ? one : draft(one));
  return (await journal.append(own)).map(positionOf);
}

async function headOf(journal: Journal): Promise<Position> {
  return (await journal.read("anyone", null, ALL)).next;
}

/** The positions of what is kept for a target after a position, and whether that is everything. */
async function read(
  journal: Journal,
  target: string,
  after: Position,
): Promise<{ positions: Position[]; complete: boolean }> {
  const { entries, complete } = await journal.read(target, after, ALL);
  return { positions: entries.map(({ position }) => position), complete };
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function forgettingContract(
  name: string,
  create: CreateJournal,
  register: RegisterTest = Deno.test,
): void {
  const test = journalTests(name, { create, register, retention: AMPLE, recorded: ({ id }) => id });

  test("erases the notifications and the mark of a target, and nothing else", {}, async ({ journal }) => {
    const target = "Ålexander *.> \u{1F600}", start = await headOf(journal);
    const [own, topic = "", everyone, other] = await append(
      journal,
      ...[target, draft(target, { topic: "t" }), null, "eliza"],
    );
    await journal.mark(target, { type: "read", positions: [topic] });
    await journal.mark("eliza", { type: "read", positions: [other ?? ""] });
    await journal.forget(target);
    assertEquals((await read(journal, target, OLDEST)).positions, [everyone]);
    const { entries, unread, mark } = await journal.inbox(target, null, ALL);
    assertEquals([entries.map(({ position }) => position), unread], [[everyone], 1]);
    assertEquals(mark, { through: null, read: [], unread: [] });
    assert(own !== undefined);
    const { positions, complete } = await read(journal, "eliza", start);
    assertEquals([positions.slice(0, 2), positions.length, complete], [[everyone, other], 3, true]);
  });

  for (const isFollowed of [true, false]) {
    test(
      `tells a reader of a target that is ${
        isFollowed ? "" : "not "
      }followed of its erasure, and no other reader`,
      {},
      async ({ journal }) => {
        if (isFollowed) { for (const target of ["alexander", "eliza"]) await journal.follow(target); }
        const before = await headOf(journal);
        const [between = ""] = await append(journal, "alexander");
        await append(journal, "eliza");
        const after = await headOf(journal);
        await journal.forget("alexander");
        for (const position of [OLDEST, before, between, after]) {
          assertEquals(await read(journal, "alexander", position), { positions: [], complete: false });
        }
        for (const [target, count] of [["eliza", 1], ["burr", 0]] as const) {
          const { positions, complete } = await read(journal, target, before);
          assertEquals([positions.length, complete], [count, true]);
        }
        if (isFollowed) journal.unfollow("alexander");
        assertEquals((await read(journal, "alexander", after)).complete, false);
        assertEquals((await read(journal, "burr", before)).complete, true);
      },
    );
  }

  test(
    "keeps what comes after an erasure, for readers that begin or resume after it",
    {},
    async ({ journal }) => {
      await append(journal, "alexander", draft("alexander", { topic: "t" }));
      await journal.forget("alexander");
      const start = await headOf(journal);
      assertEquals(await read(journal, "alexander", start), { positions: [], complete: true });
      const later = await append(journal, "alexander", draft("alexander", { topic: "t" }), null);
      assertEquals(await read(journal, "alexander", start), { positions: later, complete: true });
      assertEquals(await read(journal, "alexander", later[0] ?? ""), {
        positions: later.slice(1),
        complete: true,
      });
      await journal.mark("alexander", { type: "read", positions: later.slice(0, 1) });
      assertEquals((await journal.inbox("alexander", null, ALL)).unread, 2);
      assertEquals((await read(journal, "alexander", OLDEST)).positions.slice(0, 3), later);
    },
  );

  test("begins at the oldest that is left when it says what a reader has missed", {}, async ({ journal }) => {
    const [first = ""] = await append(journal, "alexander", "alexander");
    await journal.forget("alexander");
    const later = await append(journal, "alexander");
    const start = await journal.read("alexander", first, { entries: 0, bytes: 0 });
    assertEquals([start.complete, (await read(journal, "alexander", start.next)).positions], [false, later]);
  });

  test("can be repeated, and erases a target that has nothing", {}, async ({ journal }) => {
    await journal.forget("nobody");
    for (let times = 0; times < 3; times++) {
      await append(journal, "alexander");
      await journal.forget("alexander");
      await journal.forget("alexander");
      assertEquals((await read(journal, "alexander", OLDEST)).positions, []);
    }
    const [kept] = await append(journal, "eliza");
    assertEquals((await read(journal, "eliza", OLDEST)).positions, [kept]);
  });

  test("takes a repeat of what was erased for a repeat, and brings nothing back", {}, async ({ journal }) => {
    const repeated = draft("alexander", { digest: "d" }), shared = { ...repeated, target: "eliza" };
    await append(journal, repeated, shared);
    await journal.forget("alexander");
    const receipts = await journal.append([repeated, shared, { ...repeated, digest: "other" }]);
    assertEquals(receipts.map(({ outcome }) => outcome), ["repeated", "repeated", "conflict"]);
    assertEquals((await read(journal, "alexander", OLDEST)).positions, []);
    assertEquals((await read(journal, "eliza", OLDEST)).positions.length, 1);
  });

  test("erases more than a transaction or a page has", { perTarget: 2_000 }, async ({ journal }) => {
    await append(journal, ...Array(1_500).fill("alexander"), ...Array(10).fill("eliza"));
    await journal.forget("alexander");
    assertEquals((await read(journal, "alexander", OLDEST)).positions, []);
    assertEquals((await read(journal, "eliza", OLDEST)).positions.length, 10);
  });

  test("erases or keeps as a whole what is appended meanwhile", {}, async ({ journal }) => {
    const kept = new Map<string, Position>();
    let isErased = false;
    const publish = async () => {
      while (!isErased) {
        const own = [draft("alexander", { topic: `t${drafts % 5}`, digest: "d" }), draft("alexander")];
        const receipts = await journal.append(own);
        own.forEach(({ id }, index) => kept.set(id, positionOf(receipts[index])));
      }
    };
    const publishing = [publish(), publish()];
    for (let times = 0; times < 3; times++) await journal.forget("alexander");
    const end = await headOf(journal);
    const last = draft("alexander");
    kept.set(last.id, positionOf((await journal.append([last]))[0]));
    isErased = true;
    await Promise.all(publishing);
    const { entries } = await journal.read("alexander", OLDEST, ALL);
    for (const { id, position, text } of entries) {
      assertEquals(kept.get(id ?? ""), position);
      JSON.parse(text);
    }
    const listed = new Set(entries.map(({ position }) => position));
    const { entries: inbox } = await journal.inbox("alexander", null, ALL);
    assertEquals(new Set(inbox.map(({ position }) => position)), listed);
    assert(listed.has(kept.get(last.id) ?? ""));
    const afterwards = await journal.read("alexander", end, ALL);
    assertEquals([afterwards.complete, afterwards.entries.every(({ position }) => listed.has(position))], [
      true,
      true,
    ]);
  });
}
