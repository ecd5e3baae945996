/** FillWarning: a queue that is about to be full shows in the log, once. */

import { assertEquals } from "@std/assert";
import { FillWarning } from "../../../src/sources/queue/fill_warning.ts";
import { eventually } from "../../eventually.ts";
import { test } from "../../nats/nats_server.ts";
import { hello, STREAM, TestQueue } from "./test_queue.ts";

test("FillWarning warns when the queue becomes nearly full, and again if that happens once more", async () => {
  await using queue = await TestQueue.open();
  await queue.create();
  await queue.publish(hello("x".repeat(1_000)));
  const { state: { bytes } } = await queue.manager.streams.info(STREAM);
  const logged: Record<string, unknown>[] = [];
  const warning = new FillWarning(queue.link, {
    stream: STREAM,
    log: { warn: (_, properties) => void logged.push(properties) },
  });
  const full = Math.floor(bytes / 0.9);
  const counts: number[] = [];
  for (const max_bytes of [full + 10, full, full - 10, -1, full]) {
    await queue.manager.streams.update(STREAM, { max_bytes });
    await warning.check();
    counts.push(logged.length);
  }
  assertEquals(counts, [0, 1, 1, 1, 2]);
  assertEquals(logged[0], { stream: STREAM, bytes, max: full });
});

test("QueueWorker warns when its queue is nearly full", async () => {
  await using queue = await TestQueue.open();
  await queue.create();
  await queue.manager.streams.update(STREAM, { max_bytes: 2_000 });
  const warned = Promise.withResolvers<void>();
  await queue.startWorker({ accept: (drafts) => warned.promise.then(() => queue.accept(drafts)) });
  await queue.publish(hello("x".repeat(1_900)));
  await eventually(() => queue.warnings.some((message) => message.includes("discard the oldest")));
  warned.resolve();
});
