/** Tests dispatchReceived: it hands messages from browsers to their handlers, until the channel is closed. */

import { assertEquals } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { dispatchReceived } from "../../src/processor/dispatch.ts";
import type { ReceivedMessage } from "../../src/connection/read_pump.ts";

const SENDER = { connection: "c", target: "alexander", pump: { sendMessage() {} } };

/** Handlers that record their calls in order. */
function recordingHandlers() {
  const calls: unknown[] = [];
  const ack = (ids: readonly string[], { connection, target }: { connection: string; target: string }) =>
    void calls.push([ids, connection, target]);
  const message = (message: unknown) => void calls.push(message);
  const mark = (mark: unknown) => void calls.push(mark);
  return { calls, ack, message, mark };
}

Deno.test("dispatchReceived hands on acks, messages and marks with their sender, in order, and ends with the channel", async () => {
  const received = new Channel<ReceivedMessage>(10);
  const { calls, ...handlers } = recordingHandlers();
  const running = dispatchReceived(received, handlers);
  await received.send({ ...SENDER, message: { type: "ack", ids: ["a", "b"] } });
  await received.send({ ...SENDER, message: { type: "message", data: { any: 1 } } });
  await received.send({ ...SENDER, message: { type: "ack", ids: ["c"] } });
  const { target, pump } = SENDER;
  const mark = { type: "unread" as const, positions: ["k3x9f0ab-0000000000b"] };
  await received.send({ ...SENDER, message: mark });
  received.close();
  await running;
  const message = { connection: "c", target, data: { any: 1 } };
  assertEquals(calls, [[["a", "b"], "c", target], message, [["c"], "c", target], {
    target,
    message: mark,
    pump,
  }]);
});

Deno.test("dispatchReceived hands on an ack in the same turn of the event loop, behind 999 messages", async () => {
  const received = new Channel<ReceivedMessage>(1_000);
  const { calls, ...handlers } = recordingHandlers();
  const running = dispatchReceived(received, handlers);
  for (let n = 0; n < 999; n++) received.trySend({ ...SENDER, message: { type: "message", data: n } });
  received.trySend({ ...SENDER, message: { type: "ack", ids: ["last"] } });
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(calls.at(-1), [["last"], "c", "alexander"]);
  received.close();
  await running;
});

Deno.test("dispatchReceived hands on the trace context of a message, if it is valid", async () => {
  const received = new Channel<ReceivedMessage>(10);
  const { calls, ...handlers } = recordingHandlers();
  const running = dispatchReceived(received, handlers);
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", type = "message" as const;
  await received.send({ ...SENDER, message: { type, data: 1, traceparent, tracestate: "vendor=1" } });
  await received.send({ ...SENDER, message: { type, data: 2, traceparent: "none" } });
  received.close();
  await running;
  const { connection, target } = SENDER;
  assertEquals(calls, [
    { connection, target, data: 1, trace: { traceparent, tracestate: "vendor=1" } },
    { connection, target, data: 2 },
  ]);
});
