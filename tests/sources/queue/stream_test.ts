/** ensureQueue, as QueueWorker uses it: it creates or checks the stream and the consumer. */

import { assertEquals, assertRejects } from "@std/assert";
import { AckPolicy } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { StreamMismatchError } from "../../../src/nats/streams.ts";
import { test } from "../../nats/nats_server.ts";
import { hello, numbers, sorted, STREAM, TestQueue } from "./test_queue.ts";

test("QueueWorker creates the queue when several nodes open it at the same time", async () => {
  await using queue = await TestQueue.open();
  await Promise.all(numbers(8).map(() => queue.startWorker()));
  for (const number of numbers(20)) await queue.publish(hello(number));
  await queue.drained();
  assertEquals(sorted(queue.offered), numbers(20));
});

test("QueueWorker rejects subjects that another stream has", async () => {
  await using queue = await TestQueue.open();
  await queue.manager.streams.add({ name: "other", subjects: [`${STREAM}.>`] });
  await assertRejects(() => queue.startWorker(), Error, "subjects overlap");
});

test("QueueWorker rejects a stream with another configuration, and lists the differences", async () => {
  await using queue = await TestQueue.open();
  const subjects = [`${STREAM}.in`, "elsewhere"];
  await queue.manager.streams.add({ name: STREAM, subjects, max_age: nanos(60_000) });
  const error = await assertRejects(() => queue.startWorker(), StreamMismatchError);
  const [, differences] = error.message.split(" exists with another configuration: ");
  assertEquals(differences?.split("; "), [
    'subjects is ["tidings-queue.in","elsewhere"] but must be ["tidings-queue.in","tidings-queue.dead"]',
    'retention is "limits" but must be "workqueue"',
    'discard is "old" but must be "new"',
    "max_age is 60 s but must be 0 s",
  ]);
});

test("QueueWorker rejects a consumer with another configuration, and lists the differences", async () => {
  await using queue = await TestQueue.open();
  await queue.create();
  await queue.manager.consumers.delete(STREAM, "tidings");
  const ack_policy = AckPolicy.Explicit;
  await queue.manager.consumers.add(STREAM, { durable_name: "tidings", ack_policy, max_deliver: 3 });
  await assertRejects(
    () => queue.startWorker(),
    Error,
    "the consumer tidings of tidings-queue exists with another configuration: " +
      'filter_subject is missing but must be "tidings-queue.in"; max_deliver is 3 but must be -1',
  );
});

test("QueueWorker accepts a stream of another size and a consumer with another ack wait, and changes neither", async () => {
  await using queue = await TestQueue.open();
  await queue.create();
  const { config } = await queue.manager.streams.info(STREAM);
  const max_bytes = 2 * 1024 ** 3, ack_wait = nanos(60_000);
  await queue.manager.streams.update(STREAM, { ...config, max_bytes });
  await queue.manager.consumers.update(STREAM, "tidings", { ack_wait });
  await queue.startWorker();
  await queue.publish(hello(1));
  await queue.drained();
  assertEquals((await queue.manager.streams.info(STREAM)).config.max_bytes, max_bytes);
  assertEquals((await queue.manager.consumers.info(STREAM, "tidings")).config.ack_wait, ack_wait);
});
