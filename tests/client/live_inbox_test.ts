/** LiveInbox: what it shows and sends at once, step by step. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type FakeTab, InboxWorld } from "./inbox_world.ts";

/** A tab that is connected and has loaded two notifications, or as many of them as a page has. */
async function setUp(
  { pageSize = 50 } = {},
): Promise<{ time: FakeTime; world: InboxWorld; tab: FakeTab } & AsyncDisposable> {
  const time = new FakeTime();
  const world = new InboxWorld({ tabs: 1, pageSize });
  const [tab] = world.tabs;
  if (tab === undefined) throw new Error("there is no tab");
  for (let n = 0; n < 2; n++) await world.notify();
  await tab.open();
  await tab.answer();
  tab.deliverPage();
  await time.runMicrotasks();
  const dispose = async () => {
    tab.inbox.close();
    await world.journal.close();
    time.restore();
  };
  return { time, world, tab, [Symbol.asyncDispose]: dispose };
}

Deno.test("LiveInbox sends what is under way again as soon as there is another connection", async () => {
  await using set = await setUp();
  set.tab.inbox.readAll();
  set.tab.cut();
  assertEquals(await set.tab.take(), false);
  await set.tab.open();
  assertEquals(await set.tab.take(), true);
  assertEquals((await set.world.inbox()).unread, 0);
});

Deno.test("LiveInbox keeps the objects of items that have not changed, and replaces the others", async () => {
  await using set = await setUp();
  const { inbox } = set.tab;
  const before = inbox.items;
  inbox.read(...before.slice(0, 1));
  assertEquals(inbox.items.map((item, n) => item === before[n]), [false, true]);
  assertEquals(before.map(({ read }) => read), [false, false]);
});

Deno.test("LiveInbox fires one change for all that happens in a turn", async () => {
  await using set = await setUp();
  let changes = 0;
  set.tab.inbox.addEventListener("change", () => changes++);
  for (let n = 0; n < 3; n++) await set.world.notify();
  while (set.tab.deliver());
  await Promise.resolve();
  assertEquals([changes, set.tab.inbox.unread], [1, 5]);
});

Deno.test("LiveInbox does nothing any more once it is closed", async () => {
  await using set = await setUp();
  set.tab.inbox.close();
  await set.world.notify();
  set.tab.deliver();
  assertEquals(set.tab.inbox.items.length, 2);
});

Deno.test("LiveInbox shows nothing of another user, if the connection turns out to be of one", async () => {
  await using set = await setUp();
  const { tab } = set;
  assertEquals(tab.inbox.items.length, 2);
  tab.cut();
  tab.target = "burr";
  await tab.open();
  assertEquals([tab.inbox.items, tab.inbox.state], [[], "loading"]);
});

Deno.test("LiveInbox sends nothing for no items", async () => {
  await using set = await setUp();
  set.tab.inbox.read();
  assertEquals(await set.tab.take(), false);
});

Deno.test("LiveInbox has nothing more to load, and no reason, while it loads the first page of another journal", async () => {
  await using set = await setUp({ pageSize: 1 });
  const { time, world, tab } = set;
  assertEquals([tab.inbox.items.length, tab.inbox.more], [1, true]);
  await world.restart();
  await tab.open();
  assertEquals([tab.inbox.items.length, tab.inbox.more], [0, false]);
  tab.cut();
  await time.runMicrotasks();
  assertEquals(tab.inbox.state, "failed");
  await tab.open();
  tab.dispatchEvent(new CustomEvent("missed", { detail: { why: "expired" } }));
  assertEquals([tab.inbox.state, tab.inbox.reason], ["loading", ""]);
});
