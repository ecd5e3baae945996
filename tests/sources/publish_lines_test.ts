/** publishLines: an answer for each line, in order, and as few appends as possible. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Draft, Receipt } from "../../src/journal/journal.ts";
import type { ScheduledRecord } from "../../src/schedule/schedule.ts";
import { type Line, publishLines } from "../../src/sources/publish_lines.ts";
import { Problem, unavailable } from "../../src/wire/problem.ts";

const NOW = Date.parse("2026-07-04T09:00:00Z");

/** An intake that records what is appended together, and in which order. */
function setUp(
  { receipt = (draft: Draft): Receipt => kept(draft), refuse = (_: readonly Draft[]) => {} } = {},
) {
  const steps: string[] = [];
  const describe = (drafts: readonly Draft[]) => drafts.map(({ target, data }) => `${target} ${data}`).join();
  const intake = {
    accept(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
      try {
        refuse(drafts);
      } catch (error) {
        return Promise.reject(error);
      }
      steps.push(drafts.length > 10 ? `${drafts.length}` : describe(drafts));
      return Promise.resolve(drafts.map(receipt));
    },
    schedule(records: readonly ScheduledRecord[]) {
      steps.push(`${records.length} later`);
      return Promise.resolve(records.map(({ dueAt }) => ({ outcome: "added" as const, dueAt })));
    },
    now: () => NOW,
    lifeMs: () => 60_000,
    hasPushes: true,
  };
  const roomFor = (count: number) =>
    Promise.resolve(void (count > 1_999 && steps.push(`too many: ${count}`)));
  async function publish(lines: readonly Line[], key: string | null = null) {
    const keyOf = (index: number) => key === null ? null : `${key}.${index}`;
    const refused: number[] = [];
    const onRefused = ({ status }: Problem) => void refused.push(status);
    const turn = () => Promise.resolve(void steps.push("turn"));
    const { answers, isOpen } = await publishLines(lines, {
      keyOf,
      deps: { intake, roomFor, onRefused, turn },
    });
    const summaries = answers.map(summary);
    assertEquals(refused, summaries.filter((one) => typeof one === "number"), "each is called once");
    return { answers: summaries, isOpen };
  }
  return { publish, steps };
}

function kept({ id }: Draft): Receipt {
  return { outcome: "kept", position: id, expiresAt: NOW };
}

/** The id of what was accepted, or the status of the problem. */
function summary(answer: string): string | number {
  const { id, status, notifications } = JSON.parse(answer);
  return status ?? id ??
    notifications.map((one: { id: string; target: string }) => `${one.id} ${one.target}`).join();
}

function line(target: string, data: unknown, members: Record<string, unknown> = {}): string {
  return JSON.stringify({ target, data, ...members });
}

Deno.test("publishLines appends lines together, and answers each in order", async () => {
  const { publish, steps } = setUp();
  const targets = JSON.stringify({ targets: ["b", "c"], data: 3 });
  const { answers, isOpen } = await publish([line("a", 1), line("a", 2, { id: "mine" }), targets], null);
  assertEquals([answers.slice(1, 2), isOpen], [["mine"], true]);
  assertEquals(steps, ["a 1,a 2,b 3,c 3"]);
  assertEquals((await publish([line("a", 1), targets], "key")).answers, ["key.0", "key.1 b,key.1 c"]);
});

Deno.test("publishLines answers a line that is invalid, and accepts the others", async () => {
  const { publish, steps } = setUp();
  const lines: Line[] = [
    ...["{", line("", 1), `[${line("a", 1)}]`, line("a", 1), '"text"', line("a", 2, { id: "both" })],
    ...[new Problem("too-large", "a line is limited"), line("a", "x".repeat(65_535)), line("a", 3)],
  ];
  const { answers, isOpen } = await publish(lines, "key");
  assertEquals(answers, [400, 422, 422, "key.3", 422, 400, 413, 413, "key.8"]);
  assertEquals([steps, isOpen], [["a 1,a 3"], true]);
  assertEquals(await publish(["{", "}"]), { answers: [400, 400], isOpen: true });
  assertEquals(await publish([]), { answers: [], isOpen: true });
});

Deno.test("publishLines lets others have a turn after every hundredth line that is refused", async () => {
  const { publish, steps } = setUp();
  const lines = Array.from({ length: 500 }, (_, index) => index % 2 === 0 ? "nonsense" : line("a", index));
  const { answers } = await publish(lines, "key");
  assertEquals(answers, lines.map((one, index) => one === "nonsense" ? 400 : `key.${index}`));
  assertEquals(steps, ["turn", "turn", "250"]);
});

Deno.test("publishLines answers a line whose id was used for other content with 422, and no other", async () => {
  const { publish } = setUp({
    receipt: (draft) => draft.data === "2" ? { outcome: "conflict" } : kept(draft),
  });
  assertEquals((await publish([line("a", 1), line("a", 2), line("a", 3)], "key")).answers, [
    "key.0",
    422,
    "key.2",
  ]);
});

Deno.test("publishLines appends at most about 1,000 notifications at once", async () => {
  const { publish, steps } = setUp();
  const lines = Array.from({ length: 2_500 }, (_, index) => line("a", index));
  assertEquals((await publish(lines)).answers.length, 2_500);
  assertEquals(steps, ["1000", "1000", "500"]);
});

Deno.test("publishLines keeps what is to be sent later apart, in order, and refuses it alone", async () => {
  const { publish, steps } = setUp();
  const later = (at: string) => line("a", 2, { at });
  const tooLate = later("2027-07-04T09:00:00Z"), tomorrow = later("2026-07-05T09:00:00Z");
  const { answers, isOpen } = await publish(
    [line("a", 1), tomorrow, tooLate, line("a", 3), "{", tomorrow],
    "key",
  );
  assertEquals([answers, isOpen], [["key.0", "key.1", 422, "key.3", 400, "key.5"], true]);
  assertEquals(steps, ["a 1", "1 later", "a 3", "1 later"]);
});

Deno.test("publishLines refuses a push that comes too late, and accepts the others", async () => {
  const { publish, steps } = setUp();
  const pushed = (after: number) => line("a", after, { push: { after } });
  assertEquals((await publish([pushed(60), pushed(59)], "key")).answers, [422, "key.1"]);
  assertEquals(steps, ["a 59"]);
});

Deno.test("publishLines ends with the first 503, and accepts nothing after it", async () => {
  const full = setUp({
    refuse(drafts) {
      if (drafts.some(({ data }) => data === "1500")) throw unavailable("the queue is full");
    },
  });
  const lines = Array.from({ length: 2_500 }, (_, index) => line("a", index));
  const { answers, isOpen } = await full.publish(lines);
  assertEquals([answers.length, answers.at(-1), isOpen], [1_001, 503, false]);
  assertEquals(full.steps, ["1000"]);
  const { publish, steps } = setUp();
  const cut = await publish([line("a", 1), unavailable("no memory"), line("a", 2)], "key");
  assertEquals([cut, steps], [{ answers: ["key.0", 503], isOpen: false }, ["a 1"]]);
});

Deno.test("publishLines rejects with a fault of the service", async () => {
  const { publish } = setUp({
    refuse() {
      throw new RangeError("a fault");
    },
  });
  await assertRejects(() => publish([line("a", 1)]), RangeError, "a fault");
});
