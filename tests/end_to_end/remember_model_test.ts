/** A model of pages that remember their position: two tabs of a browser, which come and go, and the real service. */

import * as fc from "fast-check";
import { assertEquals } from "@std/assert";
import { connect, type Tidings } from "../../src/client/client.ts";
import { withStorage } from "../client/fake_storage.ts";
import { eventually } from "../eventually.ts";
import { TestService } from "./test_service.ts";

const TARGETS = ["alexander", "burr"];
const TABS = 2;

interface OpenTab {
  readonly tidings: Tidings;
  readonly target: string;
  readonly received: unknown[];
  readonly expected: number[];
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("notify" as const), to: fc.constantFrom(...TARGETS, null) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("open" as const),
      tab: fc.nat({ max: TABS - 1 }),
      target: fc.constantFrom("alexander", "alexander", "burr"),
      isFresh: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("close" as const), tab: fc.nat({ max: TABS - 1 }) }) },
);

/** The expected behaviour: a page receives what came after the last notification that any page of its user received. */
class Model {
  readonly sent: { readonly n: number; readonly to: string | null }[] = [];
  /** Whose position is remembered, and the number of notifications that were sent before it. */
  remembered: { target: string; count: number } | null = null;

  /** What a page of the target receives at once. */
  open(target: string, isFresh: boolean): number[] {
    const isKnown = this.remembered?.target === target;
    const from = isKnown ? this.remembered?.count : isFresh ? 0 : this.sent.length;
    this.remembered = { target, count: this.sent.length };
    return this.sent.slice(from).filter(({ to }) => (to ?? target) === target).map(({ n }) => n);
  }
}

Deno.test("Pages receive what is new since any page of their user, whichever tabs come and go, and whoever signs in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      using _ = withStorage({});
      await using service = await TestService.start();
      const model = new Model();
      const tabs: (OpenTab | undefined)[] = [];
      const settle = async () => {
        for (const tab of tabs) {
          if (tab === undefined) continue;
          await eventually(() => tab.received.length >= tab.expected.length, `${tab.expected} in a tab`);
          assertEquals(tab.received, tab.expected);
        }
      };
      try {
        for (const one of steps) {
          if (one.do === "close") {
            await tabs[one.tab]?.tidings.close();
            tabs[one.tab] = undefined;
          } else if (one.do === "open") {
            const others = tabs.filter((tab, index) => tab !== undefined && index !== one.tab);
            if (others.some((tab) => tab?.target !== one.target)) continue; // one user at a time
            await tabs[one.tab]?.tidings.close();
            const { target, isFresh } = one;
            const received: unknown[] = [];
            const tidings = connect(service.url, {
              target,
              remember: "me",
              after: isFresh ? "earliest" : null,
            });
            tidings.addEventListener("notification", ({ detail }) => received.push(detail.data));
            tabs[one.tab] = { tidings, target, received, expected: model.open(target, isFresh) };
            await eventually(() => tidings.state === "open", "an open connection");
          } else {
            const n = model.sent.push({ n: model.sent.length, to: one.to }) - 1;
            for (const tab of tabs) {
              if (tab === undefined || (one.to ?? tab.target) !== tab.target) continue;
              tab.expected.push(n);
              model.remembered = { target: tab.target, count: model.sent.length };
            }
            await service.notify(one.to === null ? { everyone: true, data: n } : { target: one.to, data: n });
          }
          await settle();
        }
      } finally {
        for (const tab of tabs) await tab?.tidings.close();
      }
    }),
    { numRuns: 30, endOnFailure: true },
  );
});
