/** Tests that the hub delivers to a connection from its registration until its deregistration. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { nextTurn } from "../../src/async/next_turn.ts";
import { notification, register, Tab, withHub } from "./test_hub.ts";

Deno.test("Hub stops delivering to a connection that deregistered", async () => {
  await withHub({ capacity: 16 }, async (hub, feed) => {
    const [stays, goes] = [new Tab("laptop", "alexander"), new Tab("tablet", "alexander")];
    await register(hub, stays, goes);
    await hub.deregistrations.send(goes);
    await hub.connectionsOf(null);
    feed.offer(notification(1, "alexander"));
    assertEquals((await hub.connectionsOf("alexander")).map(({ id }) => id), ["laptop"]);
    assertEquals([stays.received, goes.received], [["1"], []]);
  });
});

Deno.test("Hub keeps no ghost connection: in a burst through channels of 2, no deregistration overtakes its registration", async () => {
  const burst = fc.record({
    tabs: fc.array(fc.record({ target: fc.constantFrom("alexander", "burr"), stays: fc.nat({ max: 5 }) }), {
      minLength: 1,
      maxLength: 60,
    }),
    turns: fc.infiniteStream(fc.nat({ max: 3 })), // how late each turn comes
  });
  await fc.assert(
    fc.asyncProperty(burst, async ({ tabs, turns }) => {
      const turn = async () => {
        for (let late = turns.next().value ?? 0; late > 0; late--) await Promise.resolve();
        await nextTurn();
      };
      await withHub({ capacity: 2, turn }, async (hub, feed) => {
        await Promise.all(tabs.map(async ({ target, stays }, index) => {
          const tab = new Tab(`tab-${index}`, target);
          await hub.registrations.send(tab);
          for (let late = stays; late > 0; late--) await Promise.resolve();
          feed.offer(notification(index + 1, target));
          await hub.deregistrations.send(tab);
        }));
        assertEquals((await hub.connectionsOf(null)).length, 0);
      });
    }),
    { numRuns: 200 },
  );
});

Deno.test("Hub delivers to a connection everything that is offered after its registration was sent", async () => {
  await withHub({ capacity: 2 }, async (hub, feed) => {
    const tabs = Array.from({ length: 40 }, (_, index) => new Tab(`tab-${index}`, "alexander"));
    let n = 0;
    const expected = await Promise.all(tabs.map(async (tab) => {
      await hub.registrations.send(tab);
      const first = ++n;
      const isTaken = feed.offer(notification(first, "alexander"));
      return { first, isTaken };
    }));
    await hub.connectionsOf(null);
    for (const [index, { first, isTaken }] of expected.entries()) {
      const tab = tabs[index];
      assert(
        tab?.outbox.live === false || !isTaken || tab?.received.includes(String(first)),
        `${tab?.id} missed ${first}`,
      );
    }
    assert(tabs.some(({ received }) => received.length > 0));
  });
});
