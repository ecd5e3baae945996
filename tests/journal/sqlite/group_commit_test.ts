/** Transactions: one after the other, each with all the requests that wait by then. */

import { assertEquals } from "@std/assert";
import { type Draft, type Receipt, UnavailableError } from "../../../src/journal/journal.ts";
import { type Commit, GroupCommit } from "../../../src/journal/sqlite/group_commit.ts";

function draft(id: string): Draft {
  return { id, target: "alexander", data: "1", ttl: null, topic: null, urgency: null, digest: null };
}

function receiptOf({ id }: Draft): Receipt {
  return { outcome: "kept", position: id, expiresAt: 0 };
}

function idsIn(drafts: readonly Draft[]): string {
  return drafts.map(({ id }) => id).join("");
}

/** Writes when the test says so. */
class Desk {
  readonly written: string[] = [];
  readonly transactions: GroupCommit;
  #begun = Promise.withResolvers<void>();
  #finish: (outcome: Awaited<ReturnType<Commit>>) => void = () => {};
  #drafts: readonly Draft[] = [];

  constructor() {
    this.transactions = new GroupCommit((drafts) => {
      this.written.push(idsIn(drafts));
      this.#drafts = drafts;
      this.#begun.resolve();
      return new Promise((resolve) => this.#finish = resolve);
    });
  }

  /** Waits for the transaction, and ends it. */
  async finish(reason?: UnavailableError): Promise<void> {
    await this.#begun.promise;
    this.#begun = Promise.withResolvers();
    this.#finish(reason ?? this.#drafts.map(receiptOf));
  }

  async append(...ids: string[]): Promise<string> {
    const receipts = await this.transactions.append(ids.map(draft));
    return receipts.map((receipt) => receipt.outcome === "conflict" ? "!" : receipt.position).join("");
  }
}

Deno.test("Transactions write one at a time, each with all that came by then, and give everyone the own receipts", async () => {
  const desk = new Desk();
  const first = [desk.append("a"), desk.append("b", "c")];
  await desk.finish();
  assertEquals(await Promise.all(first), ["a", "bc"]);
  const second = desk.append("d");
  await desk.finish();
  assertEquals(await second, "d");
  assertEquals(desk.written, ["abc", "d"]);
});

Deno.test("Transactions keep what comes while one is written for the next one", async () => {
  const desk = new Desk();
  const first = desk.append("a");
  while (desk.written.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const later = [desk.append("b"), desk.append("c")];
  const done = desk.transactions.done();
  await desk.finish();
  assertEquals(await first, "a");
  await desk.finish();
  assertEquals(await Promise.all(later), ["b", "c"]);
  await done;
  assertEquals(desk.written, ["a", "bc"]);
});

Deno.test("Transactions refuse all the requests of one that fails, and go on with the next", async () => {
  const desk = new Desk();
  const refused = [desk.append("a"), desk.append("b")].map((one) =>
    one.catch((error: Error) => error.message)
  );
  await desk.finish(new UnavailableError("no room"));
  assertEquals(await Promise.all(refused), ["no room", "no room"]);
  const next = desk.append("a");
  await desk.finish();
  assertEquals(await next, "a");
});

Deno.test("Transactions begin one that nobody waits for, and no second one beside it", async () => {
  const desk = new Desk();
  desk.transactions.begin();
  desk.transactions.begin();
  await desk.finish(new UnavailableError("nobody is told"));
  await desk.transactions.done();
  assertEquals(desk.written, [""]);
});
