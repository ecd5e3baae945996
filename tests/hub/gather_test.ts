/** A hub of several gathers what belongs into the same frames, before it sends many. */

import { assertEquals } from "@std/assert";
import { nextTurn } from "../../src/async/next_turn.ts";
import { NotificationFeed } from "../../src/hub/feed.ts";
import { Hub } from "../../src/hub/hub.ts";
import { notification, pacerWithoutRests, Tab } from "./test_hub.ts";

/** Offers a notification, and another one in each of `later` gatherings. Returns what each tab was sent in which flush. */
async function flushesOf(
  { tabs: count, later }: { tabs: number; later: number },
): Promise<{ flushes: Set<string>; gathered: number }> {
  const feed = new NotificationFeed(100),
    tabs = Array.from({ length: count }, (_, n) => new Tab(`${n}`, "alexander"));
  let gathered = 0;
  const gather = () => {
    if (gathered++ < later) feed.offer(notification(gathered + 1, "alexander"));
    return Promise.resolve();
  };
  const hub = new Hub(feed, { capacity: 1_000, pacer: pacerWithoutRests(nextTurn), gather });
  const running = hub.run();
  for (const tab of tabs) await hub.registrations.send(tab);
  await hub.connectionsOf(null);
  feed.offer(notification(1, "alexander"));
  await hub.connectionsOf(null);
  hub.close();
  await running;
  return { flushes: new Set(tabs.map(({ flushes }) => JSON.stringify(flushes))), gathered };
}

Deno.test("Hub sends in one frame what comes while it gathers, and gathers until nothing comes", async () => {
  const { flushes, gathered } = await flushesOf({ tabs: 200, later: 1 });
  assertEquals([flushes, gathered], [new Set(['[["1","2"]]']), 2]);
});

Deno.test("Hub gathers only three times, and what comes then has its own turn", async () => {
  const { flushes } = await flushesOf({ tabs: 200, later: 3 });
  assertEquals(flushes, new Set(['[["1","2","3","4"]]']));
});

Deno.test("Hub gathers nothing for a few frames", async () => {
  const { flushes, gathered } = await flushesOf({ tabs: 20, later: 1 });
  assertEquals([flushes, gathered], [new Set(['[["1"]]']), 0]);
});
