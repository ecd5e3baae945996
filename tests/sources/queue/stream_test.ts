/** ensureQueue, as QueueWorker opens: the stream and the consumer are made, or have to fit. */

import { assertEquals, assertRejects } from "@std/assert";
import { AckPolicy } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { StreamMismatchError } from "../../../src/nats/streams.ts";
import { test } from "../../nats/nats_server.ts";
import { Desk, hello, numbers, sorted, STREAM } from "./test_queue.ts";

test("QueueWorker opens on several nodes at once, where there is nothing yet", async () => {
  await using desk = await Desk.opened();
  await Promise.all(numbers(8).map(() => desk.worker()));
  for (const number of numbers(20)) await desk.publish(hello(number));
  await desk.emptied();
  assertEquals(sorted(desk.offered), numbers(20));
});

test("QueueWorker refuses subjects that another stream has", async () => {
  await using desk = await Desk.opened();
  await desk.manager.streams.add({ name: "other", subjects: [`${STREAM}.>`] });
  await assertRejects(() => desk.worker(), Error, "subjects overlap");
});

test("QueueWorker refuses a stream that is no such queue, and says what differs", async () => {
  await using desk = await Desk.opened();
  const subjects = [`${STREAM}.in`, "elsewhere"];
  await desk.manager.streams.add({ name: STREAM, subjects, max_age: nanos(60_000) });
  const misfit = await assertRejects(() => desk.worker(), StreamMismatchError);
  const [, said] = misfit.message.split(" does not fit: ");
  assertEquals(said?.split("; "), [
    'subjects is ["tidings-queue.in","elsewhere"], and ["tidings-queue.in","tidings-queue.dead"] is needed',
    'retention is "limits", and "workqueue" is needed',
    'discard is "old", and "new" is needed',
    "max_age is 60 s, and 0 s is needed",
  ]);
});

test("QueueWorker refuses a consumer that is not for all messages, and says what differs", async () => {
  await using desk = await Desk.opened();
  await desk.made();
  await desk.manager.consumers.delete(STREAM, "tidings");
  const ack_policy = AckPolicy.Explicit;
  await desk.manager.consumers.add(STREAM, { durable_name: "tidings", ack_policy, max_deliver: 3 });
  await assertRejects(
    () => desk.worker(),
    Error,
    "the consumer tidings of tidings-queue is there already, and does not fit: " +
      'filter_subject is nothing, and "tidings-queue.in" is needed; max_deliver is 3, and -1 is needed',
  );
});

test("QueueWorker takes a stream and a consumer as they are that are larger, or slower, than its own", async () => {
  await using desk = await Desk.opened();
  await desk.made();
  const { config } = await desk.manager.streams.info(STREAM);
  const max_bytes = 2 * 1024 ** 3, ack_wait = nanos(60_000);
  await desk.manager.streams.update(STREAM, { ...config, max_bytes });
  await desk.manager.consumers.update(STREAM, "tidings", { ack_wait });
  await desk.worker();
  await desk.publish(hello(1));
  await desk.emptied();
  assertEquals((await desk.manager.streams.info(STREAM)).config.max_bytes, max_bytes);
  assertEquals((await desk.manager.consumers.info(STREAM, "tidings")).config.ack_wait, ack_wait);
});
