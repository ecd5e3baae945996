/** Marks: which marks are answered and how, and that those of one target do not take the room of others. */

import { assertEquals } from "@std/assert";
import { nextTurn } from "../../src/async/next_turn.ts";
import { Marks } from "../../src/processor/marks.ts";
import { Problem, unavailable } from "../../src/wire/problem.ts";
import type { ServerMessage } from "../../src/wire/protocol.ts";

const POSITION = "k3x9f0ab-0000000000b";

/** Marks whose merges the test settles. */
function setUp(underWay = { capacity: 10, share: 10 }) {
  const merges: { target: string; change: unknown; done: PromiseWithResolvers<void> }[] = [];
  const answers: ServerMessage[] = [], reported: unknown[] = [];
  const marks = new Marks({
    mark(target, change) {
      const done = Promise.withResolvers<void>();
      merges.push({ target, change, done });
      return done.promise;
    },
    underWay,
    report: (error) => void reported.push(error),
  });
  const pump = { sendMessage: (message: ServerMessage) => void answers.push(message) };
  const take = (target: string, ref?: string) =>
    marks.take({
      target,
      pump,
      message: { type: "read", through: POSITION, ...(ref !== undefined && { ref }) },
    });
  return { merges, answers, reported, take };
}

Deno.test("Marks answers a mark by its ref when it is merged, and a refused one with the problem", async () => {
  const { merges, answers, reported, take } = setUp();
  take("alexander", "a");
  take("alexander");
  take("burr", "b");
  take("burr");
  await nextTurn();
  assertEquals(answers, [], "nothing is merged yet");
  const change = { type: "read", through: POSITION };
  assertEquals(merges.map(({ target, change }) => [target, change]), [
    ["alexander", change],
    ["alexander", change],
    ["burr", change],
    ["burr", change],
  ]);
  const problem = new Problem("too-many-exceptions", "mark more as read");
  for (const { target, done } of merges) target === "burr" ? done.reject(problem) : done.resolve();
  await nextTurn();
  assertEquals(answers, [
    { type: "marked", ref: "a" },
    { type: "error", problem, ref: "b" },
    { type: "error", problem },
  ]);
  assertEquals(reported, []);
});

Deno.test("Marks reports an error that the browser has not caused, and reveals nothing of it", async () => {
  const { merges, answers, reported, take } = setUp();
  const cause = new Error("the disk is full"), unexpected = new TypeError("password=hunter2");
  take("alexander", "a");
  take("alexander", "b");
  merges[0]?.done.reject(unavailable("try again", { cause }));
  merges[1]?.done.reject(unexpected);
  await nextTurn();
  assertEquals(reported, [cause, unexpected]);
  const details = answers.map((answer) => answer.type === "error" ? answer.problem.message : answer.type);
  assertEquals(details, ["try again", "the error was logged"]);
});

Deno.test("Marks refuses the marks of a target that has its share under way, and takes those of others", async () => {
  const { merges, answers, take } = setUp({ capacity: 10, share: 2 });
  for (const ref of ["a", "b", "c"]) take("alexander", ref);
  take("burr", "d");
  await nextTurn();
  assertEquals(merges.map(({ target }) => target), ["alexander", "alexander", "burr"]);
  const [refused] = answers;
  assertEquals(refused?.type === "error" && [refused.ref, refused.problem.kind], ["c", "unavailable"]);
  merges[0]?.done.resolve();
  await nextTurn();
  take("alexander", "e");
  assertEquals(merges.length, 4, "the room of a merged mark is free again");
  for (const { done } of merges) done.resolve();
});
