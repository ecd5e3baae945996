/** Tests eachAnswer: the order of the answers, and when the iteration ends. */

import { assertEquals, assertRejects } from "@std/assert";
import { eachAnswer } from "../../src/cluster/each_answer.ts";

Deno.test("eachAnswer yields each answer as it arrives, and skips null", async () => {
  const gates = [1, 2, 3].map(() => Promise.withResolvers<string | null>());
  const answers = eachAnswer(gates.map(({ promise }) => () => promise));
  const [first, second, third] = gates;
  const next = answers.next();
  third?.resolve("c");
  assertEquals(await next, { value: "c", done: false });
  first?.resolve(null);
  second?.resolve("b");
  assertEquals(await answers.next(), { value: "b", done: false });
  assertEquals((await answers.next()).done, true);
});

Deno.test("eachAnswer asks at the first iteration, and never if the signal was aborted before", async () => {
  let asked = 0;
  const ask = () => Promise.resolve(++asked);
  const answers = eachAnswer([ask]);
  assertEquals([await Array.fromAsync(eachAnswer([ask], AbortSignal.abort())), asked], [[], 0]);
  assertEquals(await Array.fromAsync(answers), [1]);
});

Deno.test("eachAnswer aborts the signal of each ask when no answer is needed any more", async () => {
  const ended: string[] = [];
  for (const how of ["abort", "return", "all"]) {
    const cancellation = new AbortController();
    const answers = eachAnswer([
      () => Promise.resolve("a"),
      (signal: AbortSignal) => {
        signal.addEventListener("abort", () => ended.push(how));
        return how === "all" ? Promise.resolve("b") : new Promise<never>(() => {});
      },
    ], cancellation.signal);
    assertEquals((await answers.next()).value, "a");
    if (how === "abort") cancellation.abort();
    if (how === "return") await answers.return();
    await Array.fromAsync(answers);
  }
  assertEquals(ended, ["abort", "return", "all"]);
});

Deno.test("eachAnswer ends at once without asks, and rejects if an ask rejects", async () => {
  assertEquals(await Array.fromAsync(eachAnswer([])), []);
  const failing = eachAnswer([() => Promise.reject(new Error("broken"))]);
  await assertRejects(() => failing.next(), Error, "broken");
});
