/** LargeBodies: one body in a turn of the event loop, and the owners take turns. */

import { assert, assertEquals } from "@std/assert";
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

Deno.test("LargeBodies lets Deno look at its sockets, however many bodies wait", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using server = await listener.accept();
  const bodies = new LargeBodies();
  let count = 0;
  const all = Promise.all(Array.from({ length: 400 }, () => bodies.turn("a").then(() => count++)));
  const seen = new Set<number>();
  while (count < 400) {
    const read = server.read(new Uint8Array(1)); // before there is something to read, so Deno has to look again
    await client.write(new Uint8Array(1));
    await read;
    seen.add(count);
  }
  await all;
  assert(seen.size > 20, `${[...seen]}`); // without a pause: 7
});
