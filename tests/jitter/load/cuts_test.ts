/** Tests of the schedule of cuts. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Cut, cutsOf } from "./cuts.ts";

const clients = Array.from({ length: 2_000 }, (_, client) => client);
const all = clients.map((client) => cutsOf(client, { seconds: 160, seed: 7 }));

Deno.test("cutsOf gives a client the same cuts for the same seed, and others for another", () => {
  assertEquals(cutsOf(3, { seconds: 160, seed: 7 }), all[3]);
  assertNotEquals(cutsOf(3, { seconds: 160, seed: 8 }), all[3]);
  assertEquals(new Set(all.map(([first]) => first?.at)).size, clients.length);
});

Deno.test("cutsOf cuts a client about eight times, each time for about two seconds", () => {
  const cuts = all.flat(), awayMs = cuts.reduce((sum, { at, back }) => sum + back - at, 0);
  assertEquals((cuts.length / clients.length).toFixed(1), "8.1");
  assertEquals((awayMs / cuts.length / 1_000).toFixed(1), "2.0");
});

Deno.test("cutsOf leaves a client connected for 15 to 20 seconds between its cuts", () => {
  for (const cuts of all) {
    assert(cuts.every(({ at, back }) => back - at >= 1_500 && back - at <= 2_500 && at < 160_000));
    for (const [n, { at }] of cuts.entries()) {
      const connected = at - (cuts[n - 1]?.back ?? 0);
      assert(
        n === 0 ? at >= 5_000 && at <= 20_000 : connected >= 15_000 && connected <= 20_000,
        `${connected}`,
      );
    }
  }
});

Deno.test("cutsOf makes a shorter scenario of the same cuts", () => {
  const tenth = (time: number) => Math.round(time * 10);
  const scaled = ({ at, back }: Cut) => ({ at: tenth(at), back: tenth(back) });
  const rounded = ({ at, back }: Cut) => ({ at: Math.round(at), back: Math.round(back) });
  assertEquals(cutsOf(3, { seconds: 16, seed: 7 }).map(scaled), all[3]?.map(rounded));
});
