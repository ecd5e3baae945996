/** Tabs of a real browser that share one connection: another tab takes over when the leader closes or crashes. */

import { assertEquals } from "@std/assert";
import { TestService } from "../end_to_end/test_service.ts";
import { launchBrowser, test } from "./chromium.ts";
import { ClientPage } from "./client_page.ts";

const SHARED = { target: "alexander", share: true };
const MEANWHILE = 100;

/** Kills the process of the tab, so that no code in it can clean up. */
async function crash({ page }: ClientPage): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  void session.send("Page.crash").catch(() => {}); // the tab no longer answers
  await crashed;
}

const ENDINGS: Record<string, (leader: ClientPage) => Promise<void>> = {
  killed: crash,
  closed: ({ page }) => page.close(),
};

for (const [end, endTab] of Object.entries(ENDINGS)) {
  test(`TabElection lets another tab take over when the leader is ${end}, with nothing lost or doubled`, async () => {
    await using service = await TestService.start();
    const browser = await launchBrowser();
    const context = await browser.newContext();
    const tabs: ClientPage[] = [];
    for (let n = 0; n < 3; n++) {
      const tab = await ClientPage.open(service.url, context, SHARED);
      await tab.waitFor("open websocket");
      tabs.push(tab);
    }
    await service.waitForConnections(1);
    const [leader, ...others] = tabs;
    let next = 0;
    const publish = async (count: number) => {
      for (let n = 0; n < count; n++) await service.notify({ target: "alexander", data: next++ });
    };
    await publish(10);
    for (const tab of tabs) await tab.waitFor("got 9");
    const publishing = publish(MEANWHILE);
    const startedAt = performance.now();
    if (leader !== undefined) await endTab(leader);
    await Promise.all(others.map((tab) => tab.waitFor("open websocket", 2)));
    console.log(`${end}: the next tab leads after ${Math.round(performance.now() - startedAt)} ms`);
    await publishing;
    await publish(1);
    for (const tab of others) {
      await tab.waitFor(`got ${next - 1}`);
      tab.assertReceived(Array.from({ length: next }, (_, n) => n));
    }
    await service.waitForConnections(1);
    assertEquals(
      await others[0]?.page.evaluate("tidings.status"),
      await others[1]?.page.evaluate("tidings.status"),
    );
    await browser.close();
  });
}

test("TabElection lets only the leader show a native notification", async () => {
  await using service = await TestService.start();
  const browser = await launchBrowser();
  const context = await browser.newContext();
  await context.addInitScript(`
    globalThis.shown = [];
    globalThis.Notification = class {
      constructor(title) { shown.push(title); }
      static permission = "granted";
    };
    Object.defineProperty(document, "hidden", { get: () => true });
  `);
  const tabs: ClientPage[] = [];
  for (let n = 0; n < 2; n++) {
    const tab = await ClientPage.open(service.url, context, { ...SHARED, showNotification: true });
    await tab.waitFor("open websocket");
    tabs.push(tab);
  }
  await service.notify({ target: "alexander", data: { title: "Hello" } });
  for (const tab of tabs) await tab.waitFor("got [object Object]");
  const shown = await Promise.all(tabs.map(({ page }) => page.evaluate("shown")));
  assertEquals(shown.flat(), ["Hello"]);
  await browser.close();
});
