/** Tests RecentlyLeft: which sessions it remembers, and for how long. */

import { assertEquals } from "@std/assert";
import { type LeftSession, RecentlyLeft } from "../../src/connection/recently_left.ts";

function session(id: string, more: Partial<LeftSession> = {}): LeftSession {
  return { id, target: "alexander", transport: "sse", take() {}, ...more };
}

function setUp() {
  const clock = { now: 0 };
  const left = new RecentlyLeft(() => clock.now);
  return { clock, left, ids: (target = "alexander") => left.of(target).map(({ id }) => id) };
}

Deno.test("RecentlyLeft knows the event streams of a target that ended within five seconds", () => {
  const { clock, left, ids } = setUp();
  left.add(session("tablet"));
  left.add(session("socket", { transport: "websocket" }));
  left.add(session("other", { target: "burr" }));
  clock.now = 4_999;
  left.add(session("laptop"));
  assertEquals([ids(), ids("burr")], [["tablet", "laptop"], ["other"]]);
  clock.now = 5_000;
  assertEquals([ids(), ids("burr")], [["laptop"], []]);
});

Deno.test("RecentlyLeft remembers at most 1,000 sessions", () => {
  const { left, ids } = setUp();
  for (let n = 0; n < 1_005; n++) left.add(session(`s${n}`));
  assertEquals([ids().length, ids()[0]], [1_000, "s5"]);
});

Deno.test("RecentlyLeft keeps no session for longer than five seconds, although nobody else leaves", () => {
  const { clock, left } = setUp();
  left.add(session("tablet"));
  clock.now = 3_000;
  left.add(session("laptop"));
  const sizes = [4_999, 5_000, 7_999, 8_000].map((now) => {
    clock.now = now;
    left.tick();
    return left.size;
  });
  assertEquals(sizes, [2, 1, 1, 0]);
});

Deno.test("RecentlyLeft forgets the sessions of a target", () => {
  const { left, ids } = setUp();
  left.add(session("tablet"));
  left.add(session("other", { target: "burr" }));
  left.forget("alexander");
  assertEquals([ids(), ids("burr")], [[], ["other"]]);
});
