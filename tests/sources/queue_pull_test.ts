/** pull: what it hands on, and how it ends. */

import { assertEquals } from "@std/assert";
import { test } from "../nats/nats_server.ts";
import type { QueueMessage } from "../../src/sources/queue_message.ts";
import { pull, type PullEnd, type PullOptions } from "../../src/sources/queue_pull.ts";
import { Desk, hello, STREAM } from "./queue_desk.ts";

/** What a pull hands on, and how it ends. */
async function pulled(
  desk: Desk,
  options: Partial<PullOptions> = {},
): Promise<{ end: PullEnd; messages: QueueMessage[] }> {
  const messages: QueueMessage[] = [];
  const end = await pull(desk.link, {
    stream: STREAM,
    consumer: "tidings",
    messages: 10,
    bytes: null,
    expiresMs: 30_000,
    heartbeatMs: 5_000,
    signal: new AbortController().signal,
    take: (message) => void messages.push(message),
    ...options,
  });
  return { end, messages };
}

/** With a queue that has so many messages, all of one size. */
async function opened(count: number): Promise<Desk> {
  const desk = await Desk.opened();
  await desk.made({ ackWaitMs: 30_000 });
  for (let number = 0; number < count; number++) await desk.publish(hello(number));
  return desk;
}

test("pull ends when it has as many messages as were asked for", async () => {
  await using desk = await opened(3);
  const { end, messages } = await pulled(desk, { messages: 2 });
  assertEquals([end, messages.map(({ text }) => JSON.parse(text).data)], ["over", [0, 1]]);
});

test("pull ends when it has exactly as many bytes, of which the server says nothing", async () => {
  await using desk = await opened(4);
  const { messages: [{ size } = { size: 0 }] } = await pulled(desk, { messages: 1 });
  const { end, messages } = await pulled(desk, { bytes: 2 * size });
  assertEquals([end, messages.length], ["over", 2]);
});

test("pull ends before a message that has more bytes than are left, and says if it is the first", async () => {
  await using desk = await opened(4);
  const { messages: [{ size } = { size: 0 }] } = await pulled(desk, { messages: 1 });
  const some = await pulled(desk, { bytes: 2 * size - 1 });
  assertEquals([some.end, some.messages.length], ["over", 1]);
  const none = await pulled(desk, { bytes: size - 1 });
  assertEquals([none.end, none.messages.length], ["too-large", 0]);
});

test("pull ends when its time is over", async () => {
  await using desk = await opened(1);
  const { end, messages } = await pulled(desk, { expiresMs: 50, heartbeatMs: 20 });
  assertEquals([end, messages.length], ["over", 1]);
});

test("pull ends with what the server says when its consumer is deleted", async () => {
  await using desk = await opened(0);
  const pulling = pulled(desk);
  await desk.manager.consumers.delete(STREAM, "tidings");
  assertEquals((await pulling).end, new Error("the queue cannot be read: 409 Consumer Deleted"));
});

test("pull ends by its signal, also by one that has aborted", async () => {
  await using desk = await opened(1);
  const stopping = new AbortController();
  const take = () => stopping.abort();
  assertEquals((await pulled(desk, { signal: stopping.signal, take })).end, "stopped");
  assertEquals((await pulled(desk, { signal: stopping.signal })).end, "stopped");
});

test("pull ends with an error when there is no such consumer, or no connection", async () => {
  await using desk = await opened(0);
  const { end } = await pulled(desk, { consumer: "nobody", heartbeatMs: 20 });
  assertEquals(end, new Error("nothing is heard of the queue")); // NATS 2.9.10 does not answer
  const pulling = pulled(desk);
  await desk.server.stop();
  const { end: lost } = await pulling;
  assertEquals(lost, new Error("the connection to NATS was lost"));
  assertEquals((await pulled(desk)).end, new Error("the connection to NATS is down"));
});

test("pull is heard of while nothing may be given out, as too much is not acked", async () => {
  await using desk = await Desk.opened();
  await desk.made({ ackWaitMs: 30_000, maxUnacked: 1 });
  for (const number of [1, 2]) await desk.publish(hello(number));
  const { end, messages } = await pulled(desk, { expiresMs: 90, heartbeatMs: 20 });
  assertEquals([end, messages.length], ["over", 1]);
});
