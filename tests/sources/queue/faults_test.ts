/** QueueWorker recovers when NATS, the queue or a node fails, and neither loses nor duplicates anything. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../../eventually.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { test } from "../../nats/nats_server.ts";
import { hello, numbers, sorted, STREAM, TestQueue } from "./test_queue.ts";

test("QueueWorker publishes everything once, even if NATS is killed and restarted", async () => {
  await using queue = await TestQueue.open();
  await Promise.all([queue.startWorker(), queue.startWorker()]);
  const all = numbers(300), left = [...all];
  async function publishAll(): Promise<void> {
    for (let number = left.shift(); number !== undefined;) {
      await eventually(() => queue.link.isUp);
      const isKept = await queue.publish(hello(number), { msgId: `${number}` }).then(() => true, () => false);
      if (isKept) number = left.shift();
    }
  }
  const publishing = Promise.all(numbers(10).map(publishAll));
  await eventually(() => queue.offered.length > 50);
  await queue.server.stop("SIGKILL");
  await eventually(() => !queue.link.isUp);
  await queue.server.start();
  await publishing;
  // The queue may not become empty: NATS may keep a message whose ack it had just recorded when it was killed.
  await eventually(() => queue.offered.length >= all.length);
  assertEquals(sorted(queue.offered), all);
  assertEquals(await queue.stored("dead"), []);
});

test("QueueWorker notices that NATS is unresponsive, and continues when it responds again", async () => {
  await using queue = await TestQueue.open();
  await queue.startWorker();
  await queue.publish(hello(1));
  await queue.drained();
  queue.server.signal("SIGSTOP");
  await eventually(() => queue.reported.some(hasCause("heartbeats missed")));
  queue.server.signal("SIGCONT");
  await eventually(() => queue.publish(hello(2), { msgId: "2" }).then(() => true, () => false));
  await queue.drained();
  assertEquals(queue.offered, [1, 2]);
});

test("QueueWorker continues when its consumer or the stream was deleted", async () => {
  await using queue = await TestQueue.open();
  await using proxy = new FaultyProxy(queue.server.port);
  /** NATS announces a deletion before it is done, and fails if the same thing is created again meanwhile. */
  async function withoutAnnouncement(act: () => Promise<unknown>): Promise<void> {
    proxy.cut("silent");
    await act();
    proxy.heal();
  }
  await queue.startWorker({ port: proxy.port });
  await queue.publish(hello(1));
  await queue.drained();
  await withoutAnnouncement(() => queue.manager.consumers.delete(STREAM, "tidings"));
  await queue.publish(hello(2));
  await eventually(() => queue.offered.length === 2);
  await queue.drained();
  await withoutAnnouncement(() => queue.manager.streams.delete(STREAM));
  await eventually(() => queue.publish(hello(3)).then(() => true, () => false));
  await eventually(() => queue.offered.length === 3);
  assertEquals(queue.offered, [1, 2, 3]);
  assert(queue.reported.some(hasCause("consumer deleted")));
});

test("QueueWorker creates the queue again if NATS comes back without it, and logs that", async () => {
  await using queue = await TestQueue.open();
  await queue.startWorker();
  await queue.publish(hello(1));
  await queue.drained();
  await queue.server.stop();
  await queue.server.wipeStore();
  await queue.server.start();
  await eventually(() => queue.publish(hello(2)).then(() => true, () => false));
  await eventually(() => queue.offered.length === 2);
  assertEquals(queue.offered, [1, 2]);
  assert(queue.warnings.some((message) => message.includes("was missing in NATS and was created again")));
  assertEquals(queue.reported.filter((error) => Deno.inspect(error).includes("not enabled")), []);
});

test("QueueWorker reads the queue again when JetStream was disabled for a while, and says why it could not", async () => {
  await using queue = await TestQueue.open();
  await queue.startWorker();
  await queue.server.stop();
  await queue.server.enableJetStream(false);
  await queue.server.start();
  await eventually(() => queue.reported.some((error) => String(error).includes("JetStream is disabled")));
  await queue.server.stop();
  await queue.server.enableJetStream(true);
  await queue.server.start();
  await eventually(() => queue.publish(hello(1), { msgId: "1" }).then(() => true, () => false));
  await queue.drained();
  assertEquals(queue.offered, [1]);
  assertEquals(queue.warnings, []);
});

test("QueueWorker refuses a queue that somebody else has created, and reads it when that is mended", async () => {
  await using queue = await TestQueue.open();
  await queue.startWorker({ limits: { retryMs: 50 } });
  await queue.manager.streams.delete(STREAM);
  const config = { name: STREAM, subjects: [`${STREAM}.in`, `${STREAM}.dead`] };
  await eventually(async () => {
    const isAdded = await queue.manager.streams.add(config).then(() => true, () => false);
    if (!isAdded) await queue.manager.streams.delete(STREAM); // the worker was faster
    return isAdded;
  });
  const isRefusal = (error: unknown) =>
    String(error).includes("exists with another configuration: retention is");
  await eventually(() => queue.reported.some(isRefusal));
  await queue.manager.streams.delete(STREAM);
  await eventually(() => queue.publish(hello(1), { msgId: "1" }).then(() => true, () => false));
  await eventually(() => queue.offered.length === 1);
});

test("QueueWorker handles messages that the consumer takes for older ones after the stream was rolled back", async () => {
  await using queue = await TestQueue.open();
  const worker = await queue.startWorker();
  await queue.publish(hello("before"));
  await queue.drained();
  await worker.close();
  await queue.server.stop("SIGTERM"); // so that the consumer's state is stored
  const copy = await queue.server.copyStore();
  await queue.server.start();
  await eventually(() => queue.link.isUp);
  const second = await queue.startWorker();
  for (const number of numbers(5)) await queue.publish(hello(number));
  await queue.drained();
  await second.close();
  await queue.server.stop("SIGTERM");
  await queue.server.rollBack(copy, `jetstream/$G/streams/${STREAM}/msgs`);
  await queue.server.start();
  await eventually(() => queue.link.isUp);
  await queue.publish(hello("after"));
  await queue.startWorker();
  await queue.drained();
  assertEquals(queue.offered, ["before", ...numbers(5), "after"]);
  assert(queue.warnings.some((message) => message.includes("was rolled back")));
});

test("QueueWorker loses and duplicates nothing while nodes start and stop all the time", async () => {
  await using queue = await TestQueue.open();
  await queue.create({ ackWaitMs: 3_600_000 }); // the test would time out if a message had to be delivered again
  const all = numbers(400);
  const publishing = Promise.all(all.map((number) => queue.publish(hello(number))));
  while (queue.offered.length < all.length) {
    const worker = await queue.startWorker({ limits: { messages: 100 } });
    const before = queue.offered.length;
    await eventually(() => queue.offered.length > before || queue.offered.length === all.length);
    await worker.close();
  }
  await publishing;
  assertEquals(sorted(queue.offered), all);
});

test("QueueWorker closes while NATS is down", async () => {
  await using queue = await TestQueue.open();
  const worker = await queue.startWorker();
  await queue.server.stop();
  await worker.close();
  await worker.close();
  await queue.server.start();
});

/** Matches an error whose cause includes the text. */
function hasCause(text: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && String(error.cause).includes(text);
}
