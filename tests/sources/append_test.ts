/** appendTo: what the feed has no room for never gets into the journal. */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { type Draft, type Receipt, UnavailableError } from "../../src/journal/journal.ts";
import { Problem } from "../../src/wire/problem.ts";
import { type Append, appendTo, type Entrance } from "../../src/sources/append.ts";
import { drafts } from "./some_drafts.ts";

/** A journal that resolves or rejects each append when it is told to. */
class HandJournal {
  readonly appends: { drafts: readonly Draft[]; answer: PromiseWithResolvers<readonly Receipt[]> }[] = [];

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const answer = Promise.withResolvers<readonly Receipt[]>();
    this.appends.push({ drafts, answer });
    return answer.promise;
  }
}

async function assertUnavailable(appended: ReturnType<Append>): Promise<Problem> {
  const problem = await assertRejects(() => appended, Problem);
  assertEquals([problem.kind, problem.headers], ["unavailable", { "retry-after": "1" }]);
  return problem;
}

function appendWith(
  { size = 0, isDraining = () => false }: { size?: number; isDraining?: () => boolean } = {},
): Entrance & { journal: HandJournal } {
  const journal = new HandJournal();
  return { ...appendTo(journal, { room: { size, capacity: 10 }, isDraining }), journal };
}

Deno.test("appendTo hands over the drafts, and hands back the receipts", async () => {
  const { append, journal } = appendWith();
  const three = drafts(3);
  const appended = append(three);
  assertStrictEquals(journal.appends[0]?.drafts, three);
  const receipts = [{ outcome: "conflict" }] as const;
  journal.appends[0]?.answer.resolve(receipts);
  assertStrictEquals(await appended, receipts);
});

Deno.test("appendTo takes what there is room for, and nothing of what there is not", async () => {
  const { append, journal } = appendWith({ size: 7 });
  await assertUnavailable(append(drafts(4)));
  assertEquals(journal.appends.length, 0);
  const appended = append(drafts(3));
  journal.appends[0]?.answer.resolve([]);
  await appended;
});

Deno.test("appendTo keeps room for what is being appended, until it is", async () => {
  const { append, journal } = appendWith();
  const [first, second] = [append(drafts(6)), append(drafts(4))];
  await assertUnavailable(append(drafts(1)));
  journal.appends[1]?.answer.resolve([]);
  await second;
  const third = append(drafts(4));
  await assertUnavailable(append(drafts(1)));
  for (const { answer } of journal.appends) answer.resolve([]);
  await Promise.all([first, third]);
});

Deno.test("appendTo gives the room back when the journal fails", async () => {
  const { append, journal } = appendWith();
  const failed = append(drafts(10));
  journal.appends[0]?.answer.reject(new UnavailableError("the disk is full"));
  await assertUnavailable(failed);
  const appended = append(drafts(10));
  journal.appends[1]?.answer.resolve([]);
  await appended;
});

Deno.test("appendTo gives the room back when the journal throws instead of rejecting", async () => {
  let isBroken = true;
  function broken(): Promise<never[]> {
    if (isBroken) throw new RangeError("no such position");
    return Promise.resolve([]);
  }
  const { append, settled } = appendTo({ append: broken }, {
    room: { size: 0, capacity: 10 },
    isDraining: () => false,
  });
  await assertRejects(() => append(drafts(10)), RangeError);
  isBroken = false;
  assertEquals(await append(drafts(10)), []);
  await settled();
});

Deno.test("appendTo looks at the room anew each time", async () => {
  const room = { size: 10, capacity: 10 };
  const { append } = appendTo({ append: () => Promise.resolve([]) }, { room, isDraining: () => false });
  await assertUnavailable(append(drafts(1)));
  room.size = 9;
  assertEquals(await append(drafts(1)), []);
});

Deno.test("appendTo takes nothing while the service stops", async () => {
  let draining = false;
  const { append, journal } = appendWith({ isDraining: () => draining });
  const before = append(drafts(1));
  draining = true;
  await assertUnavailable(append(drafts(1)));
  journal.appends[0]?.answer.resolve([]);
  assertEquals([await before, journal.appends.length], [[], 1], "what was begun before is finished");
});

Deno.test("appendTo says of an unavailable journal that some may be kept, and keeps the cause", async () => {
  const { append, journal } = appendWith();
  const failed = append(drafts(2));
  const cause = new UnavailableError("no quorum");
  journal.appends[0]?.answer.reject(cause);
  const problem = await assertUnavailable(failed);
  assertEquals(problem.message, "some of it may be kept: repeat it with the same ids");
  assertStrictEquals(problem.cause, cause);
});

Deno.test("appendTo passes on a failure that is none of the port's", async () => {
  const { append, journal } = appendWith();
  const failed = append(drafts(1));
  const bug = new TypeError("undefined is not a function");
  journal.appends[0]?.answer.reject(bug);
  assertStrictEquals(await assertRejects(() => failed), bug);
});

Deno.test("appendTo is settled when all that was begun has been answered, however", async () => {
  const { append, settled, journal } = appendWith();
  await settled();
  const [kept, failed] = [append(drafts(1)), append(drafts(1))];
  const answered: string[] = [];
  const settling = settled().then(() => answered.push("settled"));
  journal.appends[0]?.answer.resolve([]);
  await kept;
  await new Promise((resolve) => setImmediate(resolve));
  answered.push("last");
  journal.appends[1]?.answer.reject(new UnavailableError("the disk is full"));
  await assertUnavailable(failed);
  await settling;
  assertEquals(answered, ["last", "settled"]);
});
