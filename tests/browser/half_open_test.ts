/** Connections of a real browser that have died without a sign. */

import { assertEquals } from "@std/assert";
import { test } from "./chromium.ts";
import { TestBed } from "./test_bed.ts";

const EVENTS = {
  visibilitychange: "document.dispatchEvent(new Event('visibilitychange'))", // which does not bubble
  pageshow: "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
  online: "dispatchEvent(new Event('online'))",
};

for (const transport of ["websocket", "sse"]) {
  for (const [type, dispatch] of Object.entries(EVENTS)) {
    test(`A browser over ${transport} replaces a dead connection on ${type}, and misses nothing`, async () => {
      await using bed = await TestBed.create();
      bed.network.allowsWebSockets = transport === "websocket";
      await bed.context.clock.install();
      const client = await bed.openPage();
      await client.waitFor(`open ${transport}`);
      const before = await bed.post(1);
      await client.waitFor("got 0");
      bed.network.silence();
      const meanwhile = await bed.post(1);
      await client.page.evaluate(dispatch);
      await bed.context.clock.runFor(10_000);
      await client.waitFor("got 1");
      client.assertReceived([...before, ...meanwhile]);
      assertEquals(client.events.at(-1), "got 1");
    });
  }
}
