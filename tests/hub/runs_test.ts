/** Runs: nothing lost, nothing out of order, and no run that could be longer. */

import { assertEquals } from "@std/assert";
import { runsOf } from "../../src/hub/runs.ts";

function notificationsFor(...targets: readonly (string | null)[]) {
  return targets.map((target, n) => ({ id: `id-${n}`, target, position: `${n}`, text: `${n}`, bytes: 1 }));
}

function runs(...targets: readonly (string | null)[]) {
  return [...runsOf(notificationsFor(...targets))].map(({ target, notifications }) => [
    target,
    notifications.map(({ text }) => text).join(""),
  ]);
}

Deno.test("runsOf puts together what follows one another and is for the same target, or for everyone", () => {
  assertEquals(runs("alexander", "alexander", null, null, "alexander", "burr"), [
    ["alexander", "01"],
    [null, "23"],
    ["alexander", "4"],
    ["burr", "5"],
  ]);
});

Deno.test("runsOf makes one run of one, and none of nothing", () => {
  assertEquals(runs("alexander"), [["alexander", "0"]]);
  assertEquals(runs(null), [[null, "0"]]);
  assertEquals(runs(), []);
});
