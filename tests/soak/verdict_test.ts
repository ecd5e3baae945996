/** Tests that the verdict overlooks nothing that has not returned, and nothing that was lost. */

import { assertEquals } from "@std/assert";
import type { Counts } from "../chaos/verdict.ts";
import { FIGURES } from "./figures.ts";
import { type Evidence, judgeSoak } from "./verdict.ts";

const MEBIBYTE = 1024 * 1024;
const COUNTS: Counts = {
  ...{
    accepted: 10,
    owed: 60,
    delivered: 60,
    doubled: 0,
    again: 0,
    told: 0,
    untold: 0,
    lost: 0,
    disordered: 0,
  },
  ...{ foreign: 0, longestSilenceMs: 0, findings: [] },
};
const WAVE = {
  ...{ name: "wave-1", counts: COUNTS, wrong: [] },
  remembered: { scheduled: 10, pushes: 20, revokedUntil: [1_000, 2_000], erased: 0, seen: 0, seenUntil: 0 },
};
const VALUES = Object.fromEntries(
  FIGURES.map(({ name, unit }) => [name, unit === "bytes" ? 100 * MEBIBYTE : 5]),
);

function evidence(
  { values = {}, objects = {}, collections = {}, wave = {}, ...more }:
    & {
      values?: Record<string, number>;
      objects?: Record<string, number>;
      collections?: Record<string, number>;
    }
    & { wave?: Partial<Evidence["waves"][number]> }
    & Partial<Pick<Evidence, "stuck" | "errors">>,
): Evidence {
  const bytes = new Map<string, number>();
  const nothing = { objects: new Map<string, number>(), collections: new Map<string, number>(), bytes };
  const census = {
    objects: new Map(Object.entries(objects)),
    collections: new Map(Object.entries(collections)),
    bytes,
  };
  return {
    samples: [{ seconds: 1, values: { ...VALUES, sockets: 90 } }],
    start: { values: VALUES, census: nothing },
    end: { values: { ...VALUES, ...values }, census },
    waves: [{ ...WAVE, name: "warm-up" }, { ...WAVE, ...wave }],
    ...{ stuck: [], errors: [], now: 1_500, ...more },
  };
}

const faults = (one: Parameters<typeof evidence>[0]) => judgeSoak(evidence(one)).faults;

Deno.test("judgeSoak finds no fault where everything has returned, and knows the highest value of each figure", () => {
  const { faults, figures } = judgeSoak(evidence({}));
  assertEquals(faults, []);
  assertEquals(figures.find(({ title }) => title === "sockets"), {
    ...{ title: "sockets", unit: "count", start: 5, highest: 90, end: 5, hasReturned: true },
  });
});

for (const { name, title, tolerance } of FIGURES) {
  Deno.test(`judgeSoak says if ${title} has not returned`, () => {
    const start = VALUES[name] ?? NaN, most = start + tolerance(start), more = most + 1;
    assertEquals(faults({ values: { [name]: most } }), []);
    assertEquals(faults({ values: { [name]: more } }), [
      `${title}: ${start} at the start, and ${more} at the end`,
    ]);
  });
}

Deno.test("judgeSoak says of which class there are more objects, unless everything consists of them", () => {
  assertEquals(faults({ objects: { Session: 9, Object: 5_000, Hub: 8 } }), [
    "Session: 0 at the start, and 9 at the end",
  ]);
});

Deno.test("judgeSoak lets a node remember what it has to, and no more", () => {
  const { faults, collections } = judgeSoak(
    evidence({ collections: { "PushCounts.#reports": 88, "RevocationIndex.#byKey": 13, "Hub.#map": 9 } }),
  );
  assertEquals(faults, [
    "RevocationIndex.#byKey: 0 at the start, and 13 at the end", // two still count: four, and few more
    "Hub.#map: 0 at the start, and 9 at the end",
  ]);
  assertEquals(collections.map(({ name, reason }) => [name, reason !== undefined]), [
    ["PushCounts.#reports", true],
    ["RevocationIndex.#byKey", false],
    ["Hub.#map", false],
  ]);
});

Deno.test("judgeSoak says what was not delivered, or not once, or not in order", () => {
  const wave = (counts: Partial<Counts>) => ({ wave: { counts: { ...COUNTS, ...counts } } });
  assertEquals(faults(wave({ delivered: 59, lost: 1, findings: ["a tab lost 1"] })), [
    "wave-1: 59 of 60 delivered, 0 doubled, 0 again, 0 told",
    "wave-1: a tab lost 1",
  ]);
  assertEquals(faults(wave({ doubled: 1 })).length, 1);
  assertEquals(faults(wave({ told: 1, delivered: 59 })).length, 1);
  assertEquals(faults(wave({ disordered: 2 })), ["wave-1: 2 came after one with a higher position"]);
});

Deno.test("judgeSoak says what went wrong, what did not become empty, and what the node has logged as an error", () => {
  assertEquals(faults({ wave: { wrong: ["operators: no answer"] }, stuck: ["feed: 1"], errors: ["{}"] }), [
    "wave-1: operators: no answer",
    "did not become empty: feed: 1",
    "the node has logged an error: {}",
  ]);
});
