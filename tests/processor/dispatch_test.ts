/** Tests dispatchReceived: it hands messages from browsers to their handlers, until the channel is closed. */

import { assertEquals } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { dispatchReceived } from "../../src/processor/dispatch.ts";
import type { ReceivedMessage } from "../../src/connection/read_pump.ts";

const SENDER = { connection: "c", target: "alexander" };

/** Handlers that record their calls in order. */
function recordingHandlers() {
  const calls: unknown[] = [];
  const ack = (ids: readonly string[], connection: string) => void calls.push([ids, connection]);
  const message = (message: unknown) => void calls.push(message);
  return { calls, ack, message };
}

Deno.test("dispatchReceived hands on acks and messages with their sender, in order, and ends with the channel", async () => {
  const received = new Channel<ReceivedMessage>(10);
  const { calls, ...handlers } = recordingHandlers();
  const running = dispatchReceived(received, handlers);
  await received.send({ ...SENDER, message: { type: "ack", ids: ["a", "b"] } });
  await received.send({ ...SENDER, message: { type: "message", data: { any: 1 } } });
  await received.send({ ...SENDER, message: { type: "ack", ids: ["c"] } });
  received.close();
  await running;
  assertEquals(calls, [[["a", "b"], "c"], { ...SENDER, data: { any: 1 } }, [["c"], "c"]]);
});

Deno.test("dispatchReceived hands on an ack in the same turn of the event loop, behind 999 messages", async () => {
  const received = new Channel<ReceivedMessage>(1_000);
  const { calls, ...handlers } = recordingHandlers();
  const running = dispatchReceived(received, handlers);
  for (let n = 0; n < 999; n++) received.trySend({ ...SENDER, message: { type: "message", data: n } });
  received.trySend({ ...SENDER, message: { type: "ack", ids: ["last"] } });
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(calls.at(-1), [["last"], "c"]);
  received.close();
  await running;
});
