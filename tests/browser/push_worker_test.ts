/** The script `/push_worker.js` in the service worker of a real browser. */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { test } from "./chromium.ts";
import { payloadOf, PushBed } from "./push_bed.ts";

/** A page that answers as `/push.js` does, and counts what it is asked. */
async function answer(page: Page, ids: readonly string[]): Promise<void> {
  await page.evaluate(`{
    globalThis.asked = [];
    navigator.serviceWorker.addEventListener("message", ({ data, ports: [port] }) => {
      asked.push(data);
      if (${JSON.stringify(ids)}.includes(data.id)) port.postMessage(true);
    });
  }`);
}

async function tagsIn(bed: PushBed): Promise<readonly string[]> {
  return (await bed.shown()).map(({ tag }) => tag);
}

test("push_worker shows a push under its tag, with the application's defaults", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  await bed.push(payloadOf({ id: "1", navigate: "/orders/7", position: "p1" }));
  assertEquals(await bed.shown(), [{
    title: "Title of 1",
    body: "Body of 1",
    tag: "tag-1",
    icon: `${bed.url}/icon.png`,
    data: { id: "1", target: "alexander", position: "p1", tidingsNavigate: "/orders/7" },
  }]);
  await bed.push({ web_push: 8030, notification: { title: "No body", tag: "2", data: { id: "2" } } });
  const [second] = await bed.shown();
  assertEquals([second?.title, second?.body], ["No body", ""]);
});

test("push_worker replaces what has the same tag", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  await bed.push(payloadOf({ id: "1", tag: "comments", title: "2 new comments" }));
  await bed.push(payloadOf({ id: "2", tag: "comments", title: "3 new comments" }));
  assertEquals((await bed.shown()).map(({ title }) => title), ["3 new comments"]);
});

test("push_worker stays silent if a visible tab says that it has the notification", async () => {
  await using bed = await PushBed.create();
  const first = await bed.openWithWorker();
  const second = await bed.open("/second");
  await answer(first, []);
  await answer(second, ["1"]);
  await bed.push(payloadOf({ id: "1" }));
  assertEquals(await bed.shown(), []);
  const question = { tidings: "has", id: "1", target: "alexander" };
  assertEquals(await first.evaluate("asked"), [question]);
  await bed.push(payloadOf({ id: "2" }));
  assertEquals(await tagsIn(bed), ["tag-2"]);
});

test("push_worker shows what only a hidden tab has, and does not ask it", async () => {
  await using bed = await PushBed.create();
  const page = await bed.openWithWorker("/hidden");
  await answer(page, ["1"]);
  await bed.inWorker(`void hidden.push("/hidden")`);
  await bed.push(payloadOf({ id: "1" }));
  assertEquals(await tagsIn(bed), ["tag-1"]);
  assertEquals(await page.evaluate("asked"), []);
});

test("push_worker shows a push if the tab that has it is too busy to say so", async () => {
  await using bed = await PushBed.create();
  const page = await bed.openWithWorker();
  await answer(page, ["1"]);
  await page.evaluate(`void setTimeout(() => { for (const end = Date.now() + 20_000; Date.now() < end;); })`);
  await bed.push(payloadOf({ id: "1" }));
  assertEquals(await tagsIn(bed), ["tag-1"]);
});

test("push_worker shows something generic for a push that cannot be read, and replaces it by the next", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  for (const payload of ["", "{", "Test push message from DevTools.", "42"]) await bed.push(payload);
  const shown = await bed.shown();
  assertEquals(shown.map(({ title, body, tag }) => [title, body, tag]), [[
    "Something new",
    "Open the app",
    "tidings",
  ]]);
  assertEquals(await bed.click("tidings"), ["focus /"]);
});

test("push_worker shows what it can if the browser refuses the options of a push", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  const notification = { title: "Hello", tag: "1", silent: true, vibrate: [200], data: { id: "1" } };
  await bed.push({ web_push: 8030, notification });
  assertEquals((await bed.shown()).map(({ title, tag }) => [title, tag]), [["Hello", "1"]]);
});

test("push_worker leaves a push that is not of Tidings to the application", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  await bed.push({ order: 7 });
  await bed.push({ web_push: 8030, notification: { title: "Another service", data: { order: 7 } } });
  assertEquals(await bed.shown(), []);
  assertEquals((await bed.inWorker<string[]>("pushes")).length, 2);
});

test("push_worker does not show to a user what was sent to another one who has left", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  await bed.saveRecord({ target: "burr" });
  await bed.push(payloadOf({ id: "secret" }));
  await bed.push(payloadOf({ id: "own", target: "burr" }));
  assertEquals((await bed.shown()).map(({ title }) => title), ["Something new", "Title of own"]);
});

test("push_worker leads a click to the tab with the URL, to another one of the site, or to a new one", async () => {
  await using bed = await PushBed.create();
  const page = await bed.openWithWorker("/first");
  const second = await bed.open("/second");
  await bed.push(payloadOf({ id: "same", navigate: "/first" }));
  assertEquals(await bed.click("tag-same"), ["focus /first"]);
  await bed.push(payloadOf({ id: "root", navigate: `${bed.url}/` }));
  assertEquals(await bed.click("tag-root"), ["focus /second"]); // the one that was used last
  await bed.push(payloadOf({ id: "other", navigate: "/third?x=1" }));
  const done = await bed.click("tag-other");
  assertEquals(done, ["focus /third"]);
  assertEquals(second.url(), `${bed.url}/third?x=1`);
  await bed.push(payloadOf({ id: "abroad", navigate: "https://example.com/" }));
  assertEquals(await bed.click("tag-abroad"), ["open https://example.com/"]);
  assertEquals(await bed.shown(), []);
  await second.goto("about:blank");
  await page.goto("about:blank");
  await bed.push(payloadOf({ id: "none", navigate: "/fourth" }));
  assertEquals(await bed.click("tag-none"), [`open ${bed.url}/fourth`]);
});

test("push_worker opens a window if the open one was there before the worker, which cannot navigate it", async () => {
  await using bed = await PushBed.create();
  const page = await bed.open("/first");
  await page.evaluate(`navigator.serviceWorker.register("/service_worker.js")
    .then(() => navigator.serviceWorker.ready)`);
  await bed.push(payloadOf({ id: "1", navigate: "/orders/7" }));
  assertEquals(await bed.click("tag-1"), [`open ${bed.url}/orders/7`]);
  assertEquals(page.url(), `${bed.url}/first`);
});

test("push_worker leaves a click on a notification of the application to the application", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  await bed.inWorker(
    `registration.showNotification("Own", { tag: "own", data: { id: "1", navigate: "/" } })`,
  );
  assertEquals(await bed.click("own"), []);
  assertEquals((await bed.shown()).map(({ tag }) => tag), ["own"]);
});
