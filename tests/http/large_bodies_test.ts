/** LargeBodies: one body in a turn of the event loop, and the owners take turns. */

import { assertEquals } from "@std/assert";
import { nextTurn } from "../../src/async/next_turn.ts";
import { LargeBodies } from "../../src/http/large_bodies.ts";

Deno.test("LargeBodies lets other tasks run between the bodies, and an owner that comes later after one of each owner", async () => {
  const bodies = new LargeBodies(), order: string[] = [];
  const turns = ["a1", "a2", "a3"].map((name) => bodies.turn("a").then(() => order.push(name)));
  turns.push(nextTurn().then(() => order.push("small")));
  turns.push(bodies.turn("b").then(() => order.push("b1")));
  await Promise.all(turns);
  assertEquals(order, ["a1", "a2", "small", "b1", "a3"]);
  await bodies.turn("a"); // the rotation starts again
});
