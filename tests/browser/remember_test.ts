/** Pages of a real browser that open fresh, are reloaded, and remember where they were. */

import { assertEquals } from "@std/assert";
import { test } from "./chromium.ts";
import { TestBed } from "./test_bed.ts";

const FRESH = { target: "alexander", after: "earliest", remember: "me" };

for (
  const { how, options, blocksWebSockets } of [
    { how: "over a WebSocket", options: FRESH, blocksWebSockets: false },
    { how: "over Server-Sent Events", options: FRESH, blocksWebSockets: true },
    { how: "that shares its connection", options: { ...FRESH, share: true }, blocksWebSockets: false },
  ]
) {
  test(`A page ${how} opens with what is kept, and is reloaded with what is new`, async () => {
    await using bed = await TestBed.create();
    bed.network.allowsWebSockets = !blocksWebSockets;
    const kept = await bed.post(3);
    const page = await bed.openPage(options);
    await page.waitFor("got 2");
    page.assertReceived(kept);
    await page.page.goto("about:blank");
    const missed = await bed.post(2);
    await page.page.goBack();
    await page.connect(options);
    await page.waitFor("got 4");
    await page.reload(options);
    const live = await bed.post(1);
    await page.waitFor("got 5");
    page.assertReceived([...kept, ...missed, ...live]);
  });
}

test("A page starts anew for another user under the same name, and hands on nothing before", async () => {
  await using bed = await TestBed.create();
  const options = { ...FRESH, target: "burr" };
  await bed.service.notify({ target: "burr", data: "for burr" });
  const kept = await bed.post(2);
  const page = await bed.openPage(FRESH);
  await page.waitFor("got 1");
  await page.reload(options);
  await page.waitFor("got for burr");
  page.assertReceived([...kept, "for burr"]);
  await page.reload(options);
  await bed.service.notify({ target: "burr", data: "more" });
  await page.waitFor("got more");
  page.assertReceived([...kept, "for burr", "more"]);
});

test("A page without a place to remember its position works as without `remember`", async () => {
  await using bed = await TestBed.create();
  await bed.context.addInitScript(`
    Object.defineProperty(globalThis, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });
  `);
  const kept = await bed.post(2);
  const page = await bed.openPage(FRESH);
  await page.waitFor("got 1");
  await page.reload(FRESH);
  await page.waitFor("got 1", 2);
  page.assertReceived([...kept, ...kept]);
});

test("A page resumes where its loop was when the loop reloads the page", async () => {
  await using bed = await TestBed.create();
  await bed.post(4);
  const page = await bed.openPage({ ...FRESH, target: "nobody" });
  await page.waitFor("open websocket");
  const looped: string[] = [];
  await page.page.exposeFunction("looped", (data: string) => looped.push(data));
  const run = () =>
    page.page.evaluate(`(async () => {
      const { connect } = await import("/client.js");
      const options = ${JSON.stringify({ ...FRESH, remember: "loop" })};
      const loop = connect("/", options).notifications();
      for await (const { data } of loop) {
        await looped(data);
        if (data === "1" || data === "3") return location.reload();
      }
    })()`).catch(() => {}); // the page is gone
  for (let loads = 0; loads < 2; loads++) {
    const loaded = page.page.waitForEvent("load");
    await run();
    await loaded;
  }
  assertEquals(looped, ["0", "1", "2", "3"]);
});
