/** The processor: logs what browsers send, until there is no more. */

import { assertEquals } from "@std/assert";
import { Channel } from "../src/channel/channel.ts";
import { logReceived } from "../src/processor.ts";
import type { Received } from "../src/socket/session.ts";

Deno.test("logReceived logs every message with whose it is, and ends when the channel does", async () => {
  const received = new Channel<Received>(10);
  const logged: unknown[] = [];
  const processing = logReceived(received, { info: (_message, properties) => logged.push(properties) });
  await received.send({ connection: "c", target: "alexander", message: { type: "ack", ids: ["a"] } });
  await received.send({
    connection: "c",
    target: "alexander",
    message: { type: "message", data: { any: 1 } },
  });
  received.close();
  await processing;
  assertEquals(logged, [
    { connection: "c", target: "alexander", type: "ack", ids: ["a"] },
    { connection: "c", target: "alexander", type: "message", data: { any: 1 } },
  ]);
});
