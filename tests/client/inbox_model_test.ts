/** The inbox against the real journal, in any order of what happens: in the end, all tabs agree with the service. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import * as fc from "fast-check";
import { readTest } from "../../src/journal/mark.ts";
import { type FakeTab, InboxWorld } from "./inbox_world.ts";

const index = fc.nat({ max: 7 });
const tab = fc.nat({ max: 1 });

/** What may happen. */
const Step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant("notify"), topic: fc.option(fc.constantFrom("a", "b")) }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("everyone") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("elsewhere"),
      type: fc.constantFrom("read", "unread", "through"),
      index,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constantFrom("read", "unread", "readAll", "loadMore"), tab, index }),
  },
  { weight: 6, arbitrary: fc.record({ act: fc.constantFrom("deliver", "take", "answer"), tab }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom("deliverAnswer", "deliverPage"), tab }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("refuse", "no room"), tab }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom("cut", "open"), tab }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("wait"), ms: fc.constantFrom(100, 2_000, 12_000) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("restart") }) },
);

interface AnyStep {
  readonly act: string;
  readonly tab?: number;
  readonly index?: number;
  readonly type?: "read" | "unread" | "through";
  readonly topic?: "a" | "b" | null;
  readonly ms?: number;
}

async function settle(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve();
}

async function run(world: InboxWorld, step: AnyStep, time: FakeTime): Promise<void> {
  const one = world.tabs[step.tab ?? 0];
  assert(one !== undefined);
  switch (step.act) {
    case "notify":
      return await world.notify({ topic: step.topic ?? null });
    case "everyone":
      return await world.notify({ target: null });
    case "elsewhere":
      return await world.mark(step.type ?? "read", step.index ?? 0);
    case "wait":
      return await time.tickAsync(step.ms);
    case "restart":
      return await world.restart();
    case "take":
      return void await one.take();
    case "refuse":
    case "no room":
      return void await one.take(step.act);
    case "answer":
      return void await one.answer();
    case "open":
      return await one.open();
    case "cut":
      return one.cut();
    case "deliver":
      return void one.deliver();
    case "deliverAnswer":
      return void one.deliverAnswer();
    case "deliverPage":
      return void one.deliverPage();
    default:
      return useInbox(one, step);
  }
}

/** What the user does shows at once. */
function useInbox({ inbox }: FakeTab, { act, index = 0 }: AnyStep): void {
  const item = inbox.items[index % inbox.items.length];
  if (act === "loadMore") return void inbox.loadMore().catch(() => {});
  if (item === undefined) return;
  if (act === "read") inbox.read(item);
  else if (act === "unread") inbox.markUnread(item);
  else inbox.readAll();
  const now = inbox.items.find(({ position }) => position === item.position);
  assertEquals(now?.read, act !== "unread");
  if (act === "readAll") assertEquals(inbox.unread, 0);
}

/** Everything arrives, and all timers fire, until nothing is under way any more. */
async function comeToRest(world: InboxWorld, time: FakeTime): Promise<void> {
  let isQuiet = false;
  for (let n = 0; n < 200 && !isQuiet; n++) {
    isQuiet = true;
    for (const tab of world.tabs) {
      await tab.open();
      const acts = [
        ...[() => tab.take(), () => tab.deliverAnswer(), () => tab.deliver()],
        ...[() => tab.answer(), () => tab.deliverPage()],
      ];
      for (const act of acts) {
        while (await act()) isQuiet = false;
        await settle();
      }
    }
    if (isQuiet) await time.tickAsync(30_000);
    for (const tab of world.tabs) if (await tab.take() || await tab.answer()) isQuiet = false;
  }
  assert(isQuiet, "it never comes to rest");
}

/** What the tab shows is what the service keeps. */
async function checkAgreement(world: InboxWorld, { inbox }: FakeTab): Promise<void> {
  const { entries, mark, unread } = await world.inbox();
  const isRead = readTest(mark);
  const newest = entries.slice(0, inbox.items.length);
  assertEquals(
    inbox.items.map(({ position, read }) => [position, read]),
    newest.map(({ position }) => [position, isRead(position)]),
  );
  assertEquals(inbox.unread, unread);
  if (entries.length > inbox.items.length) assert(inbox.more);
  assertEquals(inbox.state, "ready");
}

for (const pageSize of [3, 100]) {
  Deno.test(`LiveInbox agrees with the service in the end, in any order of events, with pages of ${pageSize}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(Step, { maxLength: 60, size: "max" }),
        async (hasLoaded, steps) => {
          using time = new FakeTime();
          const world = new InboxWorld({ tabs: 2, pageSize });
          for (let n = 0; n < 6 && hasLoaded; n++) await world.notify();
          if (hasLoaded) await comeToRest(world, time);
          try {
            for (const step of steps as AnyStep[]) {
              await run(world, step, time);
              await settle();
            }
            await comeToRest(world, time);
            for (const tab of world.tabs) await checkAgreement(world, tab);
            await checkLastWord(world, time);
          } finally {
            for (const tab of world.tabs) tab.inbox.close();
            await world.journal.close();
          }
        },
      ),
      { numRuns: 500 },
    );
  });
}

/** After everything, the user's changes still reach the service. */
async function checkLastWord(world: InboxWorld, time: FakeTime): Promise<void> {
  const [first] = world.tabs;
  first?.inbox.readAll();
  const oldest = first?.inbox.items.at(-1);
  if (oldest !== undefined) first?.inbox.markUnread(oldest);
  await comeToRest(world, time);
  assertEquals((await world.inbox()).unread, oldest === undefined ? 0 : 1);
  for (const tab of world.tabs) await checkAgreement(world, tab);
}
