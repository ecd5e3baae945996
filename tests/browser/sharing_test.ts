/** Three tabs of a real browser that share one connection, and what they do when the tab that leads is killed. */

import { assertEquals } from "@std/assert";
import { Running } from "../end_to_end/running.ts";
import { launched, test } from "./chromium.ts";
import { Visitor } from "./visitor.ts";

const SHARED = { target: "alexander", share: true };
const MEANWHILE = 100;

/** Kills the process of the tab, so that nothing in it can say goodbye. */
async function crash({ page }: Visitor): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  void session.send("Page.crash").catch(() => {}); // nobody answers any more
  await crashed;
}

const ENDS: Record<string, (leader: Visitor) => Promise<void>> = {
  killed: crash,
  closed: ({ page }) => page.close(),
};

for (const [end, ends] of Object.entries(ENDS)) {
  test(`Two of three tabs take over when the one that leads is ${end}, with nothing lost or doubled`, async () => {
    await using service = await Running.started();
    const browser = await launched();
    const context = await browser.newContext();
    const tabs: Visitor[] = [];
    for (let n = 0; n < 3; n++) {
      const tab = await Visitor.at(service.url, context, SHARED);
      await tab.has("open websocket");
      tabs.push(tab);
    }
    await service.holds(1);
    const [leader, ...others] = tabs;
    let next = 0;
    const publish = async (count: number) => {
      for (let n = 0; n < count; n++) await service.notify({ target: "alexander", data: next++ });
    };
    await publish(10);
    for (const tab of tabs) await tab.has("got 9");
    const publishing = publish(MEANWHILE);
    const startedAt = performance.now();
    if (leader !== undefined) await ends(leader);
    await Promise.all(others.map((tab) => tab.has("open websocket", 2)));
    console.log(`${end}: the next leads after ${Math.round(performance.now() - startedAt)} ms`);
    await publishing;
    await publish(1);
    for (const tab of others) {
      await tab.has(`got ${next - 1}`);
      tab.assertGot(Array.from({ length: next }, (_, n) => n));
    }
    await service.holds(1);
    assertEquals(
      await others[0]?.page.evaluate("tidings.status"),
      await others[1]?.page.evaluate("tidings.status"),
    );
    await browser.close();
  });
}

test("Tabs that share in a browser show a notification once", async () => {
  await using service = await Running.started();
  const browser = await launched();
  const context = await browser.newContext();
  await context.addInitScript(`
    globalThis.shown = [];
    globalThis.Notification = class {
      constructor(title) { shown.push(title); }
      static permission = "granted";
    };
    Object.defineProperty(document, "hidden", { get: () => true });
  `);
  const tabs: Visitor[] = [];
  for (let n = 0; n < 2; n++) {
    const tab = await Visitor.at(service.url, context, { ...SHARED, showNotification: true });
    await tab.has("open websocket");
    tabs.push(tab);
  }
  await service.notify({ target: "alexander", data: { title: "Hello" } });
  for (const tab of tabs) await tab.has("got [object Object]");
  const shown = await Promise.all(tabs.map(({ page }) => page.evaluate("shown")));
  assertEquals(shown.flat(), ["Hello"]);
  await browser.close();
});
