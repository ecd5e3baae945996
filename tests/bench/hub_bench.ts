/** Benchmarks of the hub: draining once per turn of the event loop, and a notification from body to frame. */

import { publish } from "../../src/sources/publish.ts";
import { testIntake } from "../sources/test_intake.ts";
import { BenchNode, CountingSink, drafts } from "./node.ts";

const TABS = 1_000, PUBLISHERS = 8;
const fanOut = new BenchNode();
for (let tab = 0; tab < TABS; tab++) await fanOut.connect("alexander", new CountingSink());
const one = drafts("alexander", 1);

Deno.bench(
  "8 notifications to 1,000 tabs, one turn each",
  { group: "fan-out", baseline: true },
  async () => {
    for (let publisher = 0; publisher < PUBLISHERS; publisher++) {
      await fanOut.journal.append(one);
      await fanOut.settled();
    }
  },
);

Deno.bench("8 notifications to 1,000 tabs, drained in one turn", { group: "fan-out" }, async () => {
  for (let publisher = 0; publisher < PUBLISHERS; publisher++) await fanOut.journal.append(one);
  await fanOut.settled();
});

const many = new BenchNode();
for (let tab = 0; tab < TABS; tab++) await many.connect(`target-${tab}`, new CountingSink());
const intake = testIntake({ journal: many.journal, queue: many.feed.notifications });
const { data } = drafts("", 1)[0] ?? { data: "" };
const bodies = Array.from({ length: TABS }, (_, tab) => `{"target":"target-${tab}","data":${data}}`);

Deno.bench(
  "JSON.parse of 1,000 bodies alone",
  { group: "one target each", baseline: true },
  () => {
    for (const body of bodies) JSON.parse(body);
  },
);

Deno.bench("1,000 bodies to 1,000 frames, one per tab", { group: "one target each" }, async () => {
  for (const body of bodies) await publish({ json: body, key: null }, intake);
  await many.settled();
});
