/** Tabs with `/push.js` beside the worker, in a real browser: what was seen is not shown, what was read is closed. */

import { assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { test } from "./chromium.ts";
import { payloadOf, type PushBed } from "./push_bed.ts";
import { PushPages } from "./push_page.ts";

async function tagsIn(bed: PushBed): Promise<readonly string[]> {
  return (await bed.shown()).map(({ tag }) => tag);
}

async function markAsRead({ service }: PushBed, ids: readonly string[]): Promise<void> {
  const { notifications } = await (await fetch(`${service.url}/v1/inbox?target=alexander`)).json();
  const positions = notifications.filter(({ id }: { id: string }) => ids.includes(id))
    .map(({ position }: { position: string }) => position);
  const body = JSON.stringify({ positions });
  const response = await fetch(`${service.url}/v1/targets/alexander/read`, { method: "POST", body });
  assertEquals(response.ok, true, await response.text());
}

test("A visible tab keeps the worker from showing what it has received, and nothing else", async () => {
  await using pages = await PushPages.create();
  const { bed } = pages, page = await pages.openEnabled();
  await bed.service.notify({ target: "alexander", id: "1", data: "Hello" });
  await eventually(async () => await page.evaluate("received.length") === 1, "the notification");
  await bed.push(payloadOf({ id: "1" }));
  assertEquals(await tagsIn(bed), []);
  await bed.push(payloadOf({ id: "2" }));
  await bed.push(payloadOf({ id: "1", target: "burr", tag: "of another user" }));
  assertEquals((await tagsIn(bed)).toSorted(), ["tag-2", "tidings"]); // the other user's is not readable here
});

test("A hidden tab, and one that is closed for good, do not keep the worker from showing", async () => {
  await using pages = await PushPages.create();
  const { bed } = pages, page = await pages.openEnabled();
  await bed.service.notify({ target: "alexander", id: "1", data: "Hello" });
  await eventually(async () => await page.evaluate("received.length") === 1, "the notification");
  await page.evaluate(`Object.defineProperty(document, "hidden", { configurable: true, get: () => true })`);
  await bed.push(payloadOf({ id: "1", tag: "while hidden" }));
  await page.evaluate(`delete document.hidden; tidings.close()`);
  await bed.push(payloadOf({ id: "1", tag: "after the end" }));
  assertEquals((await tagsIn(bed)).toSorted(), ["after the end", "while hidden"]);
});

test("A tab closes what was read on another device, and nothing of the application", async () => {
  await using pages = await PushPages.create();
  const { bed } = pages, page = await pages.openEnabled();
  for (const id of ["1", "2"]) await bed.service.notify({ target: "alexander", id, data: "Hello" });
  await eventually(async () => await page.evaluate("received.length") === 2, "both notifications");
  await page.evaluate(`Object.defineProperty(document, "hidden", { get: () => true })`);
  for (const id of ["1", "2"]) await bed.push(payloadOf({ id }));
  await bed.inWorker(`registration.showNotification("Own", { tag: "own", data: { id: "1" } })`);
  assertEquals((await tagsIn(bed)).toSorted(), ["own", "tag-1", "tag-2"]);
  await markAsRead(bed, ["1"]);
  await eventually(async () => (await tagsIn(bed)).length === 2, "that it is closed");
  assertEquals((await tagsIn(bed)).toSorted(), ["own", "tag-2"]);
});

test("A tab that opens closes what was read while none was open", async () => {
  await using pages = await PushPages.create();
  const { bed } = pages, page = await pages.openEnabled();
  await page.goto("about:blank");
  for (const id of ["1", "2"]) {
    await bed.service.notify({ target: "alexander", id, data: "Hello" });
    await bed.push(payloadOf({ id }));
  }
  await markAsRead(bed, ["2"]);
  const next = await pages.open();
  await next.evaluate("push.resumePush()");
  await eventually(async () => (await tagsIn(bed)).length === 1, "that it is closed");
  assertEquals(await tagsIn(bed), ["tag-1"]);
});
