/** The processor: hands on what browsers send, until there is no more. */

import { assertEquals } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { dispatchReceived } from "../../src/processor/dispatch.ts";
import type { ReceivedMessage } from "../../src/connection/read_pump.ts";

const FROM = { connection: "c", target: "alexander" };

/** What was handed on, in order. */
function handlers() {
  const handed: unknown[] = [];
  const ack = (ids: readonly string[], connection: string) => void handed.push([ids, connection]);
  const message = (message: unknown) => void handed.push(message);
  return { handed, ack, message };
}

Deno.test("processReceived hands on acks and messages with whose they are, in order, and ends when the channel does", async () => {
  const received = new Channel<ReceivedMessage>(10);
  const { handed, ...to } = handlers();
  const processing = dispatchReceived(received, to);
  await received.send({ ...FROM, message: { type: "ack", ids: ["a", "b"] } });
  await received.send({ ...FROM, message: { type: "message", data: { any: 1 } } });
  await received.send({ ...FROM, message: { type: "ack", ids: ["c"] } });
  received.close();
  await processing;
  assertEquals(handed, [[["a", "b"], "c"], { ...FROM, data: { any: 1 } }, [["c"], "c"]]);
});

Deno.test("processReceived waits for nothing but the channel: in the turn that brings an ack, it is handed on", async () => {
  const received = new Channel<ReceivedMessage>(1_000);
  const { handed, ...to } = handlers();
  const processing = dispatchReceived(received, to);
  for (let n = 0; n < 999; n++) received.trySend({ ...FROM, message: { type: "message", data: n } });
  received.trySend({ ...FROM, message: { type: "ack", ids: ["last"] } });
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(handed.at(-1), [["last"], "c"]);
  received.close();
  await processing;
});
