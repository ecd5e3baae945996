/** Tests that a scan sees every target that stays connected, without holding up the hub. */

import { assert, assertEquals } from "@std/assert";
import { scanTargets, type TargetVisitor } from "../../src/hub/target_scan.ts";
import { register, Tab, withHub } from "./test_hub.ts";

const MANY = 10_000;
const name = (index: number) => `target-${String(index).padStart(5, "0")}`;

/** Records what it is shown. */
class Recorder implements TargetVisitor {
  readonly seen: string[] = [];
  asked = 0;

  constructor(readonly wanted: (target: string) => boolean = () => true) {}

  wants(target: string): boolean {
    this.asked++;
    return this.wanted(target);
  }

  add(target: string, connections: Iterable<Tab>): void {
    this.seen.push(`${target}: ${[...connections].map(({ id }) => id).join(" ")}`);
  }
}

function never(): AbortSignal {
  return new AbortController().signal;
}

Deno.test("scanTargets shows the wanted targets with all of their connections", async () => {
  await withHub({ capacity: 16 }, async (hub) => {
    await register(hub, new Tab("1", "alexander"), new Tab("2", "burr"), new Tab("3", "alexander"));
    const visitor = new Recorder((target) => target === "alexander");
    await scanTargets(hub, { visitor, signal: never() });
    assertEquals([visitor.seen, visitor.asked], [["alexander: 1 3"], 2]);
  });
});

Deno.test("scanTargets reads many targets in several turns, and the hub works between them", async () => {
  await withHub({ capacity: MANY + 10 }, async (hub) => {
    const tabs = Array.from({ length: MANY }, (_, index) => new Tab(`${index}`, name(index)));
    await register(hub, ...tabs);
    const visitor = new Recorder();
    const atTurns: number[] = [];
    const scan = scanTargets(hub, { visitor, signal: never() }).then(() => "done");
    while (await Promise.race([scan, hub.query(() => atTurns.push(visitor.asked))]) !== "done");
    const between = atTurns.filter((asked) => asked > 0 && asked < MANY);
    assert(between.length >= 3, `${atTurns}`);
    assertEquals(new Set(visitor.seen).size, MANY);
  });
});

Deno.test("scanTargets sees every target that stays, while others come and go between its slices", async () => {
  await withHub({ capacity: 4 * MANY }, async (hub) => {
    const tabs = Array.from({ length: MANY }, (_, index) => new Tab(`${index}`, name(index)));
    await register(hub, ...tabs);
    const visitor = new Recorder();
    const scan = scanTargets(hub, { visitor, signal: never() }).then(() => "done");
    const changed = new Set<string>();
    for (let index = 0; index < MANY; index += 2) {
      const tab = tabs[index];
      if (tab === undefined) continue;
      changed.add(tab.target);
      await hub.deregistrations.send(tab);
      if (index % 4 === 0) await hub.registrations.send(tab);
      if (index % 500 === 0) await hub.query(() => {});
    }
    await scan;
    const seen = visitor.seen.map((line) => line.split(":")[0] ?? "");
    const stayed = tabs.map(({ target }) => target).filter((target) => !changed.has(target));
    assertEquals(seen.filter((target) => !changed.has(target)), stayed);
  });
});

Deno.test("scanTargets ends when its signal aborts, and finds nothing in a hub that has ended", async () => {
  await withHub({ capacity: 16 }, async (hub) => {
    await register(hub, new Tab("1", "alexander"));
    const visitor = new Recorder();
    await scanTargets(hub, { visitor, signal: AbortSignal.abort() });
    assertEquals(visitor.asked, 0);
    hub.close();
    await scanTargets(hub, { visitor, signal: never() });
    assertEquals(visitor.seen, []);
  });
});
