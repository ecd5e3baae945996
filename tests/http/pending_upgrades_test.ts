/** PendingUpgrades: sockets that never open, of which Deno says nothing. */

import { assertEquals } from "@std/assert";
import { PendingUpgrades } from "../../src/http/pending_upgrades.ts";

Deno.test("PendingUpgrades finds out that a socket has not opened for 3 seconds, and says so once", () => {
  let leaks = 0;
  const slow = new EventTarget() as WebSocket, never = new EventTarget() as WebSocket; // never used
  const opening = new Set([slow, never]);
  const upgrades = new PendingUpgrades({
    isOpening: (socket) => opening.has(socket),
    onLeak: () => leaks++,
  });
  upgrades.add(slow);
  for (let ticks = 0; ticks < 2; ticks++) upgrades.tick();
  opening.delete(slow);
  for (let ticks = 0; ticks < 5; ticks++) upgrades.tick();
  assertEquals([upgrades.hasLeaked, leaks], [false, 0]);
  for (let times = 1; times <= 2; times++) {
    upgrades.add(never);
    for (let ticks = 0; ticks < 3; ticks++) upgrades.tick();
    assertEquals([upgrades.hasLeaked, leaks], [true, 1]);
  }
});
