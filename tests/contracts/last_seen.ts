/** The contract of the stores of when targets were last seen. Each adapter's test runs it. */

import { assertEquals } from "@std/assert";
import type { LastSeen, LastSeenOptions } from "../../src/presence/last_seen.ts";
import { eventually } from "../eventually.ts";

/** When the clock of the tests stands, in milliseconds since 1970. */
export const NOW = Date.UTC(2026, 6, 4);

const HOUR_MS = 3_600_000;
const OPTIONS = { keptMs: HOUR_MS, maxBytes: 1024 * 1024 };

/** What the adapter's test creates. Disposing it closes the store. */
export interface OpenLastSeen extends AsyncDisposable {
  readonly lastSeen: LastSeen;
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function lastSeenContract(
  name: string,
  open: (options: LastSeenOptions & { readonly now: () => number }) => Promise<OpenLastSeen>,
  register: (name: string, test: () => Promise<void>) => void = Deno.test,
): void {
  let now = NOW;
  const test = (
    behaviour: string,
    run: (lastSeen: LastSeen) => Promise<void>,
    options: LastSeenOptions = OPTIONS,
  ) =>
    register(`${name} ${behaviour}`, async () => {
      now = NOW;
      await using opened = await open({ ...options, now: () => now });
      await run(opened.lastSeen);
    });

  test("knows when each target was last seen", async (lastSeen) => {
    const targets = ["alexander", "a.b.*.>", "é🗽 \t", "x".repeat(256)];
    for (const [index, target] of targets.entries()) lastSeen.saw(target, NOW - 100 + index);
    for (const [index, target] of targets.entries()) {
      assertEquals(await lastSeen.of(target), NOW - 100 + index);
    }
    assertEquals(await lastSeen.of("nobody"), null);
    lastSeen.saw("alexander", NOW - 10);
    assertEquals(await lastSeen.of("alexander"), NOW - 10);
  });

  test("gives up what it has not stored if closing is hurried, and can be closed again", async (lastSeen) => {
    for (let n = 0; n < 2_000; n++) lastSeen.saw(`target ${n}`, NOW - 1);
    await lastSeen.close(AbortSignal.abort());
    await lastSeen.close();
  });

  test("does not say what it has kept for too long", async (lastSeen) => {
    lastSeen.saw("alexander", NOW - 1_000);
    now = NOW - 1_000 + HOUR_MS - 1;
    assertEquals(await lastSeen.of("alexander"), NOW - 1_000);
    now++;
    assertEquals(await lastSeen.of("alexander"), null);
  });

  test("forgets a target, with what it hears later of the time before", async (lastSeen) => {
    lastSeen.saw("alexander", NOW - 10);
    lastSeen.saw("eliza", NOW - 10);
    await lastSeen.forget("alexander");
    lastSeen.saw("alexander", NOW - 5);
    assertEquals(await lastSeen.of("alexander"), null);
    assertEquals(await lastSeen.of("eliza"), NOW - 10);
    await lastSeen.forget("alexander");
    now += 10;
    lastSeen.saw("alexander", NOW + 5);
    assertEquals(await lastSeen.of("alexander"), NOW + 5);
  });

  test("forgets those that were seen the longest time ago when there are too many", async (lastSeen) => {
    for (let n = 0; n < 200; n++) lastSeen.saw(`target ${n}`, NOW - 1_000 + n);
    await eventually(async () => await lastSeen.of("target 0") === null, "the oldest is forgotten");
    assertEquals(await lastSeen.of("target 199"), NOW - 801);
  }, { ...OPTIONS, maxBytes: 8_192 });
}
