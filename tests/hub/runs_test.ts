/** Tests that runs lose nothing, keep the order, and are as long as they can be. */

import { assertEquals } from "@std/assert";
import { splitIntoRuns } from "../../src/hub/runs.ts";

function notificationsFor(...targets: readonly (string | null)[]) {
  return targets.map((target, n) => ({ id: `id-${n}`, target, position: `${n}`, text: `${n}`, bytes: 1 }));
}

function runs(...targets: readonly (string | null)[]) {
  return [...splitIntoRuns(notificationsFor(...targets))].map(({ target, notifications }) => [
    target,
    notifications.map(({ text }) => text).join(""),
  ]);
}

Deno.test("splitIntoRuns joins successive notifications for the same target, or for everyone", () => {
  assertEquals(runs("alexander", "alexander", null, null, "alexander", "burr"), [
    ["alexander", "01"],
    [null, "23"],
    ["alexander", "4"],
    ["burr", "5"],
  ]);
});

Deno.test("splitIntoRuns returns one run for one notification, and none for none", () => {
  assertEquals(runs("alexander"), [["alexander", "0"]]);
  assertEquals(runs(null), [[null, "0"]]);
  assertEquals(runs(), []);
});
