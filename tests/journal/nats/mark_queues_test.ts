/** MarkQueues: the changes of a target are merged in order, together where they wait, and never without bound. */

import { assertEquals, assertRejects } from "@std/assert";
import type { MarkReceipt, ReadChange } from "../../../src/journal/read.ts";
import { MarkQueues } from "../../../src/journal/nats/mark_queues.ts";

/** A call of `merge` that has not ended. */
interface Merge extends PromiseWithResolvers<readonly MarkReceipt[]> {
  readonly target: string;
  readonly named: readonly string[];
}

function read(name: string): ReadChange {
  return { type: "read", positions: [name] };
}

function receipts(...ids: readonly string[]): MarkReceipt[] {
  return ids.map((id) => ({ outcome: "marked", read: [id], pushes: [] }));
}

/** Queues whose merges the test ends. */
function fixture(): { queues: MarkQueues; merges: Merge[] } {
  const merges: Merge[] = [];
  const queues = new MarkQueues((target, changes) => {
    const named = changes.flatMap((change) => "positions" in change ? change.positions : []);
    const merge = { target, named, ...Promise.withResolvers<readonly MarkReceipt[]>() };
    merges.push(merge);
    return merge.promise;
  });
  return { queues, merges };
}

Deno.test("MarkQueues merge together what waits for a merge of the same target, in order", async () => {
  const { queues, merges } = fixture();
  const first = queues.add("alexander", read("a"));
  const later = ["b", "c"].map((name) => queues.add("alexander", read(name)));
  const others = queues.add("burr", read("d"));
  assertEquals(merges.map(({ target, named }) => [target, ...named]), [["alexander", "a"], ["burr", "d"]]);
  merges[0]?.resolve(receipts("1"));
  assertEquals(await first, { outcome: "marked", read: ["1"], pushes: [] });
  assertEquals(merges[2]?.named, ["b", "c"]);
  merges[2]?.resolve(receipts("2", "3"));
  assertEquals(await Promise.all(later), receipts("2", "3"));
  merges[1]?.resolve(receipts("4"));
  assertEquals(await others, { outcome: "marked", read: ["4"], pushes: [] });
});

Deno.test("MarkQueues reject what could not be merged, and go on with what waits", async () => {
  const { queues, merges } = fixture();
  const failed = queues.add("alexander", read("a"));
  const next = queues.add("alexander", read("b"));
  merges[0]?.reject(new Error("timeout"));
  await assertRejects(() => failed, Error, "timeout");
  merges[1]?.resolve(receipts("2"));
  assertEquals(await next, { outcome: "marked", read: ["2"], pushes: [] });
});

Deno.test("MarkQueues refuse a change if too many of its target wait", async () => {
  const { queues, merges } = fixture();
  const taken = Array.from({ length: 257 }, (_, n) => queues.add("alexander", read(`${n}`)));
  await assertRejects(() => queues.add("alexander", read("one more")), Error, "256 changes");
  merges[0]?.resolve(receipts("0"));
  await taken[0];
  merges[1]?.resolve(taken.slice(1).flatMap((_, n) => receipts(`${n}`)));
  assertEquals((await Promise.all(taken)).length, 257);
});

Deno.test("MarkQueues let later changes wait for no earlier ones after forget", async () => {
  const { queues, merges } = fixture();
  const stuck = queues.add("alexander", read("a"));
  queues.forget();
  const later = queues.add("alexander", read("b"));
  merges[1]?.resolve(receipts("2"));
  assertEquals(await later, { outcome: "marked", read: ["2"], pushes: [] });
  merges[0]?.resolve(receipts("1"));
  await stuck;
});
