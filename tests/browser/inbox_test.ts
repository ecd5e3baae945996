/** The inbox in real browsers: devices of one user agree, whatever happens to their networks and tabs. */

import { assertEquals } from "@std/assert";
import type { Browser, BrowserContext } from "playwright-core";
import { TestService } from "../end_to_end/test_service.ts";
import { eventually } from "../eventually.ts";
import { launchBrowser, test } from "./chromium.ts";
import { ClientPage, type ClientPageOptions } from "./client_page.ts";
import { Network } from "./network.ts";

const ALEXANDER = { target: "alexander" }, BURR = { target: "burr" };

/** Records the badge and the native notifications, of which a headless browser shows none. */
const RECORDER = `
  globalThis.badges = [];
  Object.assign(Navigator.prototype, {
    setAppBadge: (count) => Promise.resolve(void badges.push(count)),
    clearAppBadge: () => Promise.resolve(void badges.push(0)),
  });
  globalThis.shown = [];
  globalThis.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title, { tag }) {
      super();
      Object.assign(this, { title, tag, isOpen: true });
      shown.push(this);
    }
    close() { this.isOpen = false; }
  };
  let hidden = false;
  Object.defineProperty(document, "hidden", { get: () => hidden, set: (value) => hidden = value });
`;

/** The inbox does not see the answers to its changes, so the second waits until the page is left. */
const WITHOUT_ANSWERS = `
  const { dispatchEvent } = EventTarget.prototype;
  EventTarget.prototype.dispatchEvent = function (event) {
    return event.type === "marked" || dispatchEvent.call(this, event);
  };
`;

async function newContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext();
  await context.addInitScript(RECORDER);
  return context;
}

async function openInbox(
  url: string,
  context: BrowserContext,
  options: ClientPageOptions,
): Promise<ClientPage> {
  const opened = await ClientPage.open(url, context, options);
  await opened.page.evaluate(`import("/inbox.js").then(({ inbox }) => globalThis.box = inbox(tidings))`);
  await eventually(async () => await opened.page.evaluate("box.state") === "ready", "an inbox");
  return opened;
}

/** What is read and what is not, newest first, and the number of unread ones. */
async function shown({ page }: ClientPage): Promise<string> {
  return await page.evaluate<string>(
    `box.items.map(({ data, read }) => read ? "(" + data + ")" : data).join(" ") + ": " + box.unread`,
  );
}

async function waitFor(expected: string, ...pages: readonly ClientPage[]): Promise<void> {
  const all = () => Promise.all(pages.map(shown));
  await eventually(async () => (await all()).every((one) => one === expected), `"${expected}" in all pages`);
}

test("inbox clears in one browser what was read in another one of the user, after its network was cut as well", async () => {
  await using service = await TestService.start();
  await using network = new Network(() => service.port);
  const browsers = await Promise.all([launchBrowser(), launchBrowser(), launchBrowser()]);
  const contexts = await Promise.all(browsers.map(newContext));
  const [laptop, tablet, burr] = await Promise.all([
    openInbox(service.url, contexts[0] as BrowserContext, ALEXANDER),
    openInbox(network.url, contexts[1] as BrowserContext, ALEXANDER),
    openInbox(service.url, contexts[2] as BrowserContext, BURR),
  ]);
  for (const data of [1, 2]) await service.notify({ ...ALEXANDER, data });
  await service.notify({ everyone: true, data: 3 });
  await waitFor("3 2 1: 3", laptop, tablet);
  await laptop.page.evaluate("box.read(box.items[0])");
  await waitFor("(3) 2 1: 2", laptop, tablet);

  network.cut();
  await tablet.waitFor("waiting");
  await laptop.page.evaluate("box.read(box.items[1])");
  await tablet.page.evaluate("box.read(box.items[2])");
  await waitFor("(3) 2 (1): 1", tablet);
  network.restore();
  await waitFor("(3) (2) (1): 0", laptop, tablet);
  await waitFor("3: 1", burr);
  await eventually(async () => await tablet.page.evaluate("badges.at(-1)") === 0, "no badge");
  assertEquals(await burr.page.evaluate("badges"), [0, 1]);
  for (const { errors } of [laptop, tablet, burr]) assertEquals(errors, []);
  for (const browser of browsers) await browser.close();
});

test("inbox closes the native notification of what was read on another device", async () => {
  await using service = await TestService.start();
  const browser = await launchBrowser();
  const [hidden, visible] = [await newContext(browser), await newContext(browser)];
  const laptop = await openInbox(service.url, hidden, { ...ALEXANDER, showNotification: true });
  const tablet = await openInbox(service.url, visible, ALEXANDER);
  await laptop.page.evaluate("document.hidden = true");
  for (const title of ["one", "two"]) await service.notify({ ...ALEXANDER, data: { title } });
  const open = async () =>
    await laptop.page.evaluate("shown.filter((one) => one.isOpen).map((one) => one.title)");
  await eventually(async () => JSON.stringify(await open()) === '["one","two"]', "both");
  await eventually(async () => await tablet.page.evaluate("box.items.length") === 2, "both on the tablet");
  await tablet.page.evaluate("box.read(box.items[1])");
  await eventually(async () => JSON.stringify(await open()) === '["two"]', "only what is unread");
  await browser.close();
});

test("inbox agrees in all tabs that share a connection, and a change survives the tab that was to send it", async () => {
  await using service = await TestService.start();
  await using network = new Network(() => service.port);
  const browser = await launchBrowser();
  const context = await newContext(browser);
  for (const data of [1, 2, 3]) await service.notify({ ...ALEXANDER, data });
  const options = { ...ALEXANDER, share: true };
  const leader = await openInbox(network.url, context, options);
  await leader.waitFor("open websocket");
  const follower = await openInbox(network.url, context, options);
  await service.waitForConnections(1);
  await follower.page.evaluate("box.read(box.items[0])");
  await waitFor("(3) 2 1: 2", leader, follower);
  await leader.page.evaluate("box.readAll()");
  await waitFor("(3) (2) (1): 0", leader, follower);

  network.silence(); // what the leader sends from now on is lost
  await follower.page.evaluate("box.markUnread(box.items[2])");
  await leader.page.close();
  await follower.waitFor("open websocket", 2);
  const kept = async () =>
    (await (await fetch(`${service.url}/v1/inbox?target=alexander`)).json()).unread === 1;
  await eventually(kept, "the change at the service");
  await waitFor("(3) (2) 1: 1", follower);
  assertEquals(follower.errors, []);
  await browser.close();
});

for (const share of [false, true]) {
  test(`inbox sends all that waits when the user follows a link, ${share ? "by the tab that leads" : "by itself"}`, async () => {
    await using service = await TestService.start();
    const browser = await launchBrowser();
    const context = await newContext(browser);
    await context.addInitScript(WITHOUT_ANSWERS);
    for (const data of [1, 2, 3]) await service.notify({ ...ALEXANDER, data });
    let { page } = await openInbox(service.url, context, { ...ALEXANDER, share });
    if (share) ({ page } = await openInbox(service.url, context, { ...ALEXANDER, share }));
    await page.evaluate(`box.read(box.items[0]); box.read(box.items[1]); location.href = "/healthz?next"`);
    const unread = async () =>
      (await (await fetch(`${service.url}/v1/inbox?target=alexander`)).json()).unread === 1;
    await eventually(unread, "both changes at the service");
    await browser.close();
  });
}
