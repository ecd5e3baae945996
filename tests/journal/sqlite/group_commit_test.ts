/** GroupCommit runs one transaction at a time, each with all the writes that are waiting by then. */

import { assertEquals } from "@std/assert";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { eventually } from "../../eventually.ts";
import { GroupCommit, type WaitingWrite } from "../../../src/journal/sqlite/group_commit.ts";

interface NamedWrite extends WaitingWrite<string> {
  readonly name: string;
}

/** A GroupCommit whose commits end when the test calls `finish`. */
class ManualCommit {
  readonly written: string[] = [];
  readonly commits: GroupCommit<string, NamedWrite>;
  #started = Promise.withResolvers<void>();
  #finish: (outcome: { result: string } | UnavailableError) => void = () => {};

  constructor() {
    this.commits = new GroupCommit((writes) => {
      this.written.push(writes.map(({ name }) => name).join(""));
      this.#started.resolve();
      return new Promise((resolve) => this.#finish = resolve);
    });
  }

  /** Waits for the next transaction to start, and ends it, with the reason if it failed. */
  async finish(reason?: UnavailableError): Promise<void> {
    await this.#started.promise;
    this.#started = Promise.withResolvers();
    this.#finish(reason ?? { result: "!" });
  }

  /** Resolves with the name and the result, or with the reason of a failure. */
  add(name: string): Promise<string> {
    return new Promise((resolve) => {
      const settle = (result: string) => resolve(name + result);
      const reject = ({ message }: UnavailableError) => resolve(message);
      this.commits.add({ name, settle, reject });
    });
  }
}

Deno.test("GroupCommit runs one transaction at a time, with all writes that came by then", async () => {
  const manual = new ManualCommit();
  const first = [manual.add("a"), manual.add("b")];
  await manual.finish();
  assertEquals(await Promise.all(first), ["a!", "b!"]);
  const second = manual.add("c");
  await manual.finish();
  assertEquals(await second, "c!");
  assertEquals(manual.written, ["ab", "c"]);
});

Deno.test("GroupCommit keeps writes that come during a transaction for the next one", async () => {
  const manual = new ManualCommit();
  const first = manual.add("a");
  await eventually(() => manual.written.length > 0);
  const during = [manual.add("b"), manual.add("c")];
  const settled = manual.commits.settled();
  await manual.finish();
  assertEquals(await first, "a!");
  await manual.finish();
  assertEquals(await Promise.all(during), ["b!", "c!"]);
  await settled;
  assertEquals(manual.written, ["a", "bc"]);
});

Deno.test("GroupCommit rejects all writes of a transaction that fails, and continues with the next", async () => {
  const manual = new ManualCommit();
  const refused = [manual.add("a"), manual.add("b")];
  await manual.finish(new UnavailableError("no room"));
  assertEquals(await Promise.all(refused), ["no room", "no room"]);
  const next = manual.add("a");
  await manual.finish();
  assertEquals(await next, "a!");
});

Deno.test("GroupCommit.flush starts a transaction without writes, and no second one beside it", async () => {
  const manual = new ManualCommit();
  manual.commits.flush();
  manual.commits.flush();
  await manual.finish(new UnavailableError("not reported"));
  await manual.commits.settled();
  assertEquals(manual.written, [""]);
});

Deno.test("GroupCommit.flush during a transaction starts another one after it, which settled waits for", async () => {
  const manual = new ManualCommit();
  const first = manual.add("a");
  await eventually(() => manual.written.length > 0);
  manual.commits.flush();
  const settled = manual.commits.settled();
  await manual.finish();
  await manual.finish();
  await settled;
  assertEquals([await first, manual.written], ["a!", ["a", ""]]);
});
