/** GroupCommit runs one transaction at a time, each with all the appends that are waiting by then. */

import { assertEquals } from "@std/assert";
import { type Draft, type Receipt, UnavailableError } from "../../../src/journal/journal.ts";
import { eventually } from "../../eventually.ts";
import { type Commit, GroupCommit } from "../../../src/journal/sqlite/group_commit.ts";

function draft(id: string): Draft {
  return { id, target: "alexander", data: "1", ttl: null, topic: null, urgency: null, digest: null };
}

function receiptOf({ id }: Draft): Receipt {
  return { outcome: "kept", position: id, expiresAt: 0 };
}

function idsOf(drafts: readonly Draft[]): string {
  return drafts.map(({ id }) => id).join("");
}

/** A GroupCommit whose commits end when the test calls `finish`. */
class ManualCommit {
  readonly written: string[] = [];
  readonly commits: GroupCommit;
  #started = Promise.withResolvers<void>();
  #finish: (outcome: Awaited<ReturnType<Commit>>) => void = () => {};
  #drafts: readonly Draft[] = [];

  constructor() {
    this.commits = new GroupCommit((drafts) => {
      this.written.push(idsOf(drafts));
      this.#drafts = drafts;
      this.#started.resolve();
      return new Promise((resolve) => this.#finish = resolve);
    });
  }

  /** Waits for the next transaction to start, and ends it with receipts, or with the reason of a failure. */
  async finish(reason?: UnavailableError): Promise<void> {
    await this.#started.promise;
    this.#started = Promise.withResolvers();
    this.#finish(reason ?? this.#drafts.map(receiptOf));
  }

  async append(...ids: string[]): Promise<string> {
    const receipts = await this.commits.append(ids.map(draft));
    return receipts.map((receipt) => receipt.outcome === "conflict" ? "!" : receipt.position).join("");
  }
}

Deno.test("GroupCommit runs one transaction at a time, with all appends that came by then, and returns each append its own receipts", async () => {
  const manual = new ManualCommit();
  const first = [manual.append("a"), manual.append("b", "c")];
  await manual.finish();
  assertEquals(await Promise.all(first), ["a", "bc"]);
  const second = manual.append("d");
  await manual.finish();
  assertEquals(await second, "d");
  assertEquals(manual.written, ["abc", "d"]);
});

Deno.test("GroupCommit keeps appends that come during a transaction for the next one", async () => {
  const manual = new ManualCommit();
  const first = manual.append("a");
  await eventually(() => manual.written.length > 0);
  const during = [manual.append("b"), manual.append("c")];
  const settled = manual.commits.settled();
  await manual.finish();
  assertEquals(await first, "a");
  await manual.finish();
  assertEquals(await Promise.all(during), ["b", "c"]);
  await settled;
  assertEquals(manual.written, ["a", "bc"]);
});

Deno.test("GroupCommit rejects all appends of a transaction that fails, and continues with the next", async () => {
  const manual = new ManualCommit();
  const refused = [manual.append("a"), manual.append("b")].map((append) =>
    append.catch((error: Error) => error.message)
  );
  await manual.finish(new UnavailableError("no room"));
  assertEquals(await Promise.all(refused), ["no room", "no room"]);
  const next = manual.append("a");
  await manual.finish();
  assertEquals(await next, "a");
});

Deno.test("GroupCommit.flush starts a transaction without appends, and no second one beside it", async () => {
  const manual = new ManualCommit();
  manual.commits.flush();
  manual.commits.flush();
  await manual.finish(new UnavailableError("not reported"));
  await manual.commits.settled();
  assertEquals(manual.written, [""]);
});
