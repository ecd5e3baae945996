/** StreamRoom: what nodes may still add to a stream. */

import { assertEquals } from "@std/assert";
import { StreamRoom } from "../../src/nats/stream_room.ts";

Deno.test("StreamRoom has room for what was seen and reserved, up to its limit", () => {
  const room = new StreamRoom(100);
  room.update({ bytes: 50 });
  assertEquals([room.reserve(30), room.reserve(30), room.reserve(20), room.reserve(1)], [
    true,
    false,
    true,
    false,
  ]);
  assertEquals([room.reserve(0), room.reserve(-5)], [true, true], "what needs no more room always has it");
  room.update({ bytes: 60 });
  assertEquals([room.reserve(41), room.reserve(40)], [false, true]);
});
