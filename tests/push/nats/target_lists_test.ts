/** TargetLists: an entry of a list names the newest record, whatever order the nodes come in. */

import { assertEquals } from "@std/assert";
import type { StoredValue } from "../../../src/nats/subject_values.ts";
import { type TargetList, TargetLists } from "../../../src/push/nats/target_lists.ts";
import { browser } from "../../contracts/subscriptions.ts";

const NOTHING: StoredValue<TargetList> = { value: null, sequence: 0 };

/** A list in memory. Before the next change, another node can be faster. */
class TestList {
  stored = NOTHING;
  interrupt: (() => void) | undefined;
  #sequence = 100;

  put(value: TargetList | null): void {
    this.stored = value === null ? NOTHING : { value, sequence: ++this.#sequence };
  }

  read(): Promise<StoredValue<TargetList>> {
    return Promise.resolve(this.stored);
  }

  replace(
    _: string,
    { value, after }: { value: TargetList; after: StoredValue<TargetList> },
  ): Promise<number | null> {
    return Promise.resolve(this.#change(after.sequence, value) ? this.#sequence : null);
  }

  remove(sequence: number): Promise<boolean> {
    return Promise.resolve(this.#change(sequence, null));
  }

  #change(sequence: number, value: TargetList | null): boolean {
    this.interrupt?.();
    this.interrupt = undefined;
    if (sequence !== this.stored.sequence) return false;
    this.put(value);
    return true;
  }
}

/** Lists of Alexander, whose subscriptions all have records, except those that are named. */
function listsWith(list: TestList, missing: readonly string[] = []): TargetLists {
  const record = (id: string) =>
    Promise.resolve({ value: missing.includes(id) ? null : browser(id, "alexander"), sequence: 1 });
  return new TargetLists({ stream: "tidings", lists: list, record, requestMs: 60_000 });
}

Deno.test("TargetLists keeps the number of the newer record when an older one is put on the list later", async () => {
  const list = new TestList(), lists = listsWith(list);
  await lists.append("alexander", ["a", 7]);
  await lists.append("alexander", ["b", 8]);
  await lists.append("alexander", ["a", 5]);
  assertEquals(await lists.read("alexander"), [["b", 8], ["a", 7]]);
});

Deno.test("TargetLists does not take off what was put on the list again", async () => {
  const list = new TestList(), lists = listsWith(list);
  list.put([["a", 5], ["b", 6]]);
  list.interrupt = () => list.put([["b", 6], ["a", 9]]);
  await lists.remove("alexander", ["a", 5]);
  assertEquals(await lists.read("alexander"), [["b", 6], ["a", 9]]);
  await lists.remove("alexander", ["a", 9]);
  await lists.remove("alexander", ["b", 6]);
  assertEquals(list.stored, NOTHING);
});

Deno.test("TargetLists repeats a change if another node was faster, and loses neither", async () => {
  const list = new TestList(), lists = listsWith(list);
  list.interrupt = () => list.put([["b", 6]]);
  await lists.append("alexander", ["a", 5]);
  assertEquals(await lists.read("alexander"), [["b", 6], ["a", 5]]);
  list.interrupt = () => list.put([["b", 6], ["a", 5], ["c", 7]]);
  await lists.remove("alexander", ["a", 5]);
  assertEquals(await lists.read("alexander"), [["b", 6], ["c", 7]]);
});

Deno.test("TargetLists drops what has no record before the oldest, and names only records that are there", async () => {
  const list = new TestList(), lists = listsWith(list, ["4", "5"]);
  const ten = Array.from({ length: 10 }, (_, n) => [`${n}`, n] as const);
  list.put(ten);
  assertEquals(await lists.append("alexander", ["a", 10]), []);
  const kept = ten.filter(([id]) => !["4", "5"].includes(id));
  assertEquals(await lists.read("alexander"), [...kept, ["a", 10]]);
  await lists.append("alexander", ["b", 11]);
  assertEquals(await lists.append("alexander", ["c", 12]), [["0", 0]]);
  assertEquals((await lists.read("alexander")).length, 10);
});
