/** Tests that SharedRequests shares what is asked for in one turn, and nothing that was asked for before. */

import { assertEquals, assertRejects } from "@std/assert";
import { SharedRequests } from "../../src/async/shared_requests.ts";

/** Counts its calls by key. */
function counting() {
  const calls: string[] = [];
  const requests = new SharedRequests<string>();
  const ask = (key: string) =>
    requests.ask(key, () => {
      calls.push(key);
      return Promise.resolve(`${key}${calls.length}`);
    });
  return { calls, ask };
}

Deno.test("SharedRequests makes one request for all who ask for the same in a turn, and one for each key", async () => {
  const { calls, ask } = counting();
  assertEquals(await Promise.all([ask("a"), ask("b"), ask("a")]), ["a1", "b2", "a1"]);
  assertEquals(calls, ["a", "b"]);
});

Deno.test("SharedRequests never answers with what was requested before the question", async () => {
  const requests = new SharedRequests<number>(), slow = Promise.withResolvers<number>();
  const started = Promise.withResolvers<void>();
  const first = requests.ask("a", () => {
    started.resolve();
    return slow.promise;
  });
  await started.promise;
  assertEquals(await requests.ask("a", () => Promise.resolve(2)), 2);
  slow.resolve(1);
  assertEquals(await first, 1);
});

Deno.test("SharedRequests rejects all who share a request that fails, and asks again the next time", async () => {
  const requests = new SharedRequests<number>();
  const fail = () => Promise.reject(new Error("no answer"));
  const answers = [requests.ask("a", fail), requests.ask("a", fail)];
  for (const answer of answers) await assertRejects(() => answer, Error, "no answer");
  assertEquals(await requests.ask("a", () => Promise.resolve(3)), 3);
});
