/** Native notifications of a real browser. */

import { assertEquals } from "@std/assert";
import { test } from "./chromium.ts";
import { ALEXANDER, TestBed } from "./test_bed.ts";

test("A browser shows a native notification while the page is hidden, and none while it is visible", async () => {
  await using bed = await TestBed.create();
  await bed.context.grantPermissions(["notifications"]);
  await bed.context.addInitScript(`
    globalThis.shown = [];
    const Native = globalThis.Notification;
    globalThis.Notification = class extends Native {
      constructor(title, options) {
        super(title, options);
        shown.push({ title, body: options.body, tag: options.tag });
      }
      static get permission() { return "granted"; }
    };
    let hidden = false;
    Object.defineProperty(document, "hidden", { get: () => hidden, set: (value) => hidden = value });
  `);
  const client = await bed.openPage({ ...ALEXANDER, showNotification: true });
  await client.waitFor("open websocket");
  const notify = (id: string) => bed.service.notify({ ...ALEXANDER, id, data: { title: "Hello", body: id } });
  await notify("seen");
  await client.waitFor("got [object Object]");
  await client.page.evaluate("document.hidden = true");
  await notify("hidden");
  await client.waitFor("got [object Object]", 2);
  const [position] = await client.page.evaluate<[string]>("[tidings.position]");
  assertEquals(await client.page.evaluate("shown.map(Object.values)"), [["Hello", "hidden", position]]);
  assertEquals(client.errors, []);
});

test("A browser asks its user for permission when the page calls askToShow()", async () => {
  await using bed = await TestBed.create();
  await bed.context.grantPermissions(["notifications"]);
  const client = await bed.openPage({ ...ALEXANDER, showNotification: true });
  await client.waitFor("open websocket");
  assertEquals(
    ["granted", "denied", "default"].includes(String(await client.page.evaluate("tidings.askToShow()"))),
    true,
  );
});
