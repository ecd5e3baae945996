/** OrderedIntake: the order of appends that take different times, what is appended together, and failures. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Draft, Receipt } from "../../../src/journal/journal.ts";
import { OrderedIntake } from "../../../src/sources/socket/ordered_intake.ts";
import { Problem, unavailable } from "../../../src/wire/problem.ts";
import { drafts } from "../test_drafts.ts";
import { testIntake } from "../test_intake.ts";

/** An intake whose appends a test ends one by one. */
function setUp() {
  const appends: string[][] = [], ends: PromiseWithResolvers<void>[] = [];
  const inner = testIntake({ journal: { append: () => Promise.reject(), mark: () => Promise.reject() } });
  inner.accept = async (given) => {
    appends.push(given.map(({ data }) => data));
    const end = Promise.withResolvers<void>();
    ends.push(end);
    await end.promise;
    return given.map(({ data }): Receipt => ({ outcome: "kept", position: data as never, expiresAt: 0 }));
  };
  return { appends, ends, intake: new OrderedIntake(inner) };
}

/** As many drafts as there are data. */
function draftsOf(...data: string[]): Draft[] {
  return drafts(data.length).map((draft, index) => ({ ...draft, data: data[index] ?? "" }));
}

function withPush(data: string): Draft[] {
  const push = { after: 1, title: null, body: null, navigate: null };
  return draftsOf(data).map((draft) => ({ ...draft, push }));
}

function dataOf(receipts: readonly Receipt[]): unknown[] {
  return receipts.map((receipt) => receipt.outcome === "kept" && receipt.position);
}

Deno.test("OrderedIntake.accept appends at once, and then together what came meanwhile", async () => {
  const { appends, ends, intake } = setUp();
  const all = [draftsOf("0"), draftsOf("1", "2"), draftsOf("3")].map((one) => intake.accept(one));
  assertEquals(appends, [["0"]]);
  ends[0]?.resolve();
  assertEquals(dataOf(await all[0] ?? []), ["0"]);
  assertEquals(appends, [["0"], ["1", "2", "3"]]);
  ends[1]?.resolve();
  assertEquals((await Promise.all(all)).map(dataOf), [["0"], ["1", "2"], ["3"]]);
  void intake.accept(draftsOf("4"));
  assertEquals(appends[2], ["4"]);
});

Deno.test("OrderedIntake.accept appends what has a push alone, and at most 1,000 and those of one more", async () => {
  const { appends, ends, intake } = setUp();
  const many = Array.from({ length: 998 }, () => "n");
  const given = [["0"], ["1"], ["2"], many, many, ["3"]].map((data) => draftsOf(...data));
  given.splice(2, 0, withPush("push"));
  const all = Promise.all(given.map((one) => intake.accept(one)));
  for (let index = 0; index < 5; index++) {
    ends[index]?.resolve();
    await new Promise((resolve) => setTimeout(resolve));
  }
  await all;
  assertEquals(appends.map((one) => one.length), [1, 1, 1, 1_997, 1]);
  assertEquals(appends.map(([first]) => first), ["0", "1", "push", "2", "3"]);
});

Deno.test("OrderedIntake.accept rejects what was appended together when that fails, and goes on", async () => {
  const { appends, ends, intake } = setUp();
  const all = ["0", "1", "2"].map((data) => intake.accept(draftsOf(data)));
  ends[0]?.reject(unavailable("full"));
  await assertRejects(async () => await all[0], Problem, "full");
  const last = intake.accept(draftsOf("3"));
  ends[1]?.reject(unavailable("full"));
  for (const one of [all[1], all[2]]) await assertRejects(async () => await one, Problem, "full");
  assertEquals(appends, [["0"], ["1", "2"], ["3"]]);
  ends[2]?.resolve();
  assertEquals(dataOf(await last), ["3"]);
});
