/** judge: every kind of loss is found, and nothing is excused that was not told. */

import { assertEquals } from "@std/assert";
import type { Accepted } from "./load/ledger.ts";
import { brokenBy } from "./round.ts";
import { type Counts, judge } from "./verdict.ts";

type Seen = readonly [at: number, n: number] | readonly [at: number, what: "told"];

/** The n-th notification, which was sent and accepted at n. */
function nth(n: number, target: string | null = "alexander"): Accepted {
  return { id: `id-${n}`, target, position: positionOf(n), sentAt: n, acceptedAt: n };
}

function positionOf(n: number): string {
  return `epoch000-${String(n).padStart(11, "0")}`;
}

/** Judges what one tab of Alexander has seen of notifications 1 to 5. */
function judgeSeen(seen: readonly Seen[], more: Partial<Parameters<typeof judge>[0]> = {}): Counts {
  const accepted = more.accepted ?? [1, 2, 3, 4, 5].map((n) => nth(n));
  const events = seen.map(([at, what]) =>
    what === "told" ? { at } : { at, id: `id-${what}`, position: positionOf(what) }
  );
  const tabs = [{ name: "tab", target: "alexander", log: { events }, isVisitor: false }];
  return judge({ accepted, sent: new Map(accepted.map(({ id, target }) => [id, target])), tabs, ...more });
}

/** The counts that are not zero. */
function nonZero({ findings: _, longestSilenceMs: __, ...counts }: Counts): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

const ALL: readonly Seen[] = [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5]];

Deno.test("judge finds nothing wrong if each notification arrived once, in order", () => {
  const counts = judgeSeen(ALL);
  assertEquals(nonZero(counts), { accepted: 5, owed: 5, delivered: 5 });
  assertEquals(brokenBy(counts, { promise: "nothing lost", journal: "sqlite" }), []);
});

Deno.test("judge counts what did not arrive as lost, unless the tab was told after it was sent", () => {
  const [one, two, four, five] = [[1, 1], [2, 2], [4, 4], [5, 5]] as const;
  assertEquals(judgeSeen([one, two, four, five]).lost, 1);
  assertEquals(nonZero(judgeSeen([one, two, [3.5, "told"], four, five])).told, 1);
  assertEquals(judgeSeen([[0.5, "told"], one, two, four, five]).lost, 1, "it was told before");
  assertEquals(judgeSeen([one, two, four, five, [6, "told"]]).lost, 1, "a later one came before it was told");
});

Deno.test("judge counts a notification to everyone for each tab, and one to somebody else for none", () => {
  const accepted = [nth(1, null), nth(2, "burr")];
  assertEquals(nonZero(judgeSeen([], { accepted })), { accepted: 2, owed: 1, lost: 1 });
});

Deno.test("judge finds what arrived twice, out of order, or for somebody else", () => {
  assertEquals(nonZero(judgeSeen([...ALL, [6, 5]])).doubled, 1);
  const disorder = judgeSeen([[1, 1], [2, 3], [3, 2], [4, 4], [5, 5]]);
  const broken = (journal: "sqlite" | "nats") => brokenBy(disorder, { promise: "told", journal }).length;
  assertEquals([disorder.disordered, broken("sqlite"), broken("nats")], [1, 1, 0]);
  const counts = judgeSeen([[1, 1], [2, 2]], { accepted: [nth(1), nth(2, "burr")] });
  assertEquals([counts.foreign, judgeSeen(ALL, { accepted: [] }).foreign], [1, 5]);
  assertEquals(brokenBy(counts, { promise: "told", journal: "sqlite" }).length, 1);
});

Deno.test("judge lets a journal that lost its end repeat what a tab has, once it has told the tab", () => {
  const counts = judgeSeen([...ALL, [6, "told"], [7, 4], [8, 5]]);
  assertEquals(nonZero(counts), { accepted: 5, owed: 5, delivered: 5, again: 2 });
  assertEquals([
    brokenBy(counts, { promise: "told", journal: "sqlite" }),
    brokenBy(counts, { promise: "nothing lost", journal: "sqlite" }).length,
  ], [[], 1]);
});

Deno.test("judge measures the longest silence of tabs that stay", () => {
  assertEquals(judgeSeen([[1, 1], [2, 2], [9, 3], [10, 4]]).longestSilenceMs, 7);
});
