/** The module `/push.js` in a real browser: how push is enabled, kept and ended. */

import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { Problem } from "../../src/wire/problem.ts";
import { test } from "./chromium.ts";
import { payloadOf } from "./push_bed.ts";
import { PushPages } from "./push_page.ts";

/** The browser's subscription; null without one. */
const SUBSCRIPTION = "JSON.parse(localStorage.subscription ?? null)";

interface BrowserSubscription {
  readonly endpoint: string;
  readonly auth: string;
  readonly key: string;
}

test("enablePush registers the worker, subscribes with the service's key, and posts the subscription", async () => {
  await using pages = await PushPages.create();
  const { bed, requests } = pages, page = await pages.open();
  assertEquals(await page.evaluate("push.pushState()"), "off");
  assertEquals(await page.evaluate("push.enablePush()"), "on");
  assertEquals(await page.evaluate("push.pushState()"), "on");
  assertEquals(await page.evaluate("asked"), 1);
  assertEquals([requests, await pages.subscriptions()], [["GET key", "POST subscriptions alexander"], [
    1,
    0,
  ]]);
  const { endpoint, auth, key } = await page.evaluate<BrowserSubscription>(SUBSCRIPTION);
  assertEquals(await (await fetch(`${bed.service.url}/v1/push/key`)).json(), { key });
  const { postedAt: _, id: __, ...record } = await bed.record() ?? {};
  assertEquals(record, { url: bed.service.url, key, target: "alexander", endpoint, auth });
});

test("enablePush takes a registration of the application", async () => {
  await using pages = await PushPages.create();
  const page = await pages.open();
  const enabled = await page.evaluate(
    `navigator.serviceWorker.register("/service_worker.js", { scope: "/app/" })
    .then((serviceWorker) => push.enablePush({ serviceWorker }))`,
  );
  assertEquals([enabled, await pages.subscriptions()], ["on", [1, 0]]);
});

test("enablePush does nothing unless the user permits it, or where the browser has no push", async () => {
  await using pages = await PushPages.create();
  const page = await pages.open();
  for (const [answer, state] of [["denied", "denied"], ["default", "off"]]) {
    await page.evaluate(`void (globalThis.permissionAnswer = Promise.resolve("${answer}"))`);
    assertEquals(await page.evaluate("push.enablePush()"), state);
  }
  assertEquals(await page.evaluate("navigator.serviceWorker.getRegistration()"), undefined);
  await page.evaluate("delete globalThis.PushManager");
  for (const name of ["enablePush", "resumePush", "pushState"]) {
    assertEquals(await page.evaluate(`push.${name}()`), "unsupported");
  }
  assertEquals(pages.requests, []);
});

test("enablePush rejects with a TidingsError that says what has failed, and may be called again", async () => {
  await using pages = await PushPages.create();
  const page = await pages.open();
  const failureOf = (call: string) =>
    page.evaluate<[string, string, boolean, number | null]>(
      `${call}.catch(({ name, message, final, status }) => [name, message, final, status ?? null])`,
    );
  await pages.refuse(new Problem("not-here", "there is no Web Push"));
  const refused = "501 Not available on this server: there is no Web Push";
  assertEquals(await failureOf("push.enablePush()"), ["TidingsError", refused, false, 501]);
  assertEquals(await page.evaluate("push.pushState()"), "off");
  await pages.refuse(null);
  const [name, message, , status] = await failureOf(`push.enablePush({ serviceWorker: "/nothing.js" })`);
  assertEquals([name, status], ["TidingsError", null]);
  assertStringIncludes(message, "ServiceWorker");
  assertEquals(await page.evaluate("push.enablePush()"), "on");
});

test("resumePush keeps what is on with one request and no question, and posts again after an hour", async () => {
  await using pages = await PushPages.create();
  await pages.openEnabled();
  const { bed } = pages, page = await pages.open();
  assertEquals(await page.evaluate("push.resumePush()"), "on");
  assertEquals([pages.requests, await page.evaluate("asked")], [["GET key"], 0]);
  const record = await bed.record() ?? {};
  await bed.saveRecord({ ...record, postedAt: Number(record["postedAt"]) - 3_600_000 });
  assertEquals(await page.evaluate("push.resumePush()"), "on");
  assertEquals(pages.requests, ["GET key", "GET key", "POST subscriptions alexander"]);
  assertEquals(await pages.subscriptions(), [1, 0]);
});

test("resumePush does nothing while push is off", async () => {
  await using pages = await PushPages.create();
  const page = await pages.open();
  assertEquals(await page.evaluate("push.resumePush()"), "off");
  assertEquals([pages.requests, await page.evaluate("asked")], [[], 0]);
});

test("resumePush subscribes again when the service has another key, also if two tabs start at once", async () => {
  await using pages = await PushPages.create();
  const tabs = [await pages.openEnabled(), await pages.open()] as const;
  const old = await tabs[0].evaluate<BrowserSubscription>(SUBSCRIPTION);
  const ofOtherKey = JSON.stringify({ ...old, key: old.key.replace(/.{8}$/, "AAAAAAAA") });
  await tabs[0].evaluate(`void (localStorage.subscription = ${JSON.stringify(ofOtherKey)})`);
  await Promise.all(tabs.map((page) => page.evaluate("push.resumePush()")));
  const current = await tabs[1].evaluate<BrowserSubscription>(SUBSCRIPTION);
  assertEquals([current.key, (await pages.bed.record())?.["endpoint"]], [old.key, current.endpoint]);
  assertNotEquals(current.endpoint, old.endpoint);
  assertEquals(await pages.subscriptions(), [1, 0]);
  const changes = pages.requests.filter((one) => !one.startsWith("GET"));
  assertEquals(changes, ["POST subscriptions alexander", "DELETE subscriptions alexander"]);
});

test("resumePush subscribes again when the browser has lost the subscription", async () => {
  await using pages = await PushPages.create();
  const page = await pages.openEnabled();
  await page.evaluate("delete localStorage.subscription");
  assertEquals(await page.evaluate("push.resumePush()"), "on");
  const { endpoint } = await page.evaluate<BrowserSubscription>(SUBSCRIPTION);
  assertEquals([(await pages.bed.record())?.["endpoint"], await pages.subscriptions()], [endpoint, [1, 0]]);
});

test("resumePush gives the subscription to the user who has signed in after another one", async () => {
  await using pages = await PushPages.create();
  await pages.openEnabled();
  const page = await pages.open("burr");
  assertEquals(await page.evaluate("push.resumePush()"), "on");
  assertEquals([await pages.subscriptions(), (await pages.bed.record())?.["target"]], [[0, 1], "burr"]);
});

test("disablePush unsubscribes, tells the service, and closes what pushes have shown", async () => {
  await using pages = await PushPages.create();
  const { bed } = pages, page = await pages.openEnabled();
  await bed.push(payloadOf({ id: "1" }));
  await bed.inWorker(`registration.showNotification("Own", { tag: "own" })`);
  assertEquals((await bed.shown()).map(({ title }) => title), ["Own", "Title of 1"]);
  await page.evaluate("push.disablePush()");
  assertEquals((await bed.shown()).map(({ title }) => title), ["Own"]);
  assertEquals([await page.evaluate(SUBSCRIPTION), await bed.record()], [null, undefined]);
  assertEquals(await pages.subscriptions(), [0, 0]);
  assertEquals(await page.evaluate("push.resumePush()"), "off");
  await page.evaluate("push.disablePush()"); // once more does no harm
});

test("disablePush ends pushes also if the service cannot be told", async () => {
  await using pages = await PushPages.create();
  const page = await pages.openEnabled();
  await pages.refuse(new Problem("unavailable", "it is stopping"));
  await page.evaluate("push.disablePush()");
  assertEquals(await page.evaluate(SUBSCRIPTION), null);
  assertEquals(await page.evaluate("push.pushState()"), "off");
});

test("disablePush leaves a subscription of the application alone", async () => {
  await using pages = await PushPages.create();
  const page = await pages.open();
  await page.evaluate(`navigator.serviceWorker.register("/service_worker.js").then(({ pushManager }) =>
    pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: "BOwn" }))`);
  await page.evaluate("push.disablePush()");
  assertEquals(await page.evaluate("typeof localStorage.subscription"), "string");
});
