/** QueueWorker, when NATS, the queue or a node goes away: it goes on by itself, and nothing is lost or comes twice. */

import { assert, assertEquals } from "@std/assert";
import { test } from "../../nats/nats_server.ts";
import { Wire } from "../../nats/wire.ts";
import { Desk, eventually, hello, numbers, sorted, STREAM } from "./test_queue.ts";

test("QueueWorker keeps everything once over a kill and a restart of NATS", async () => {
  await using desk = await Desk.opened();
  await Promise.all([desk.worker(), desk.worker()]);
  const all = numbers(300), left = [...all];
  async function publishAll(): Promise<void> {
    for (let number = left.shift(); number !== undefined;) {
      await eventually(() => desk.link.isUp);
      const isKept = await desk.publish(hello(number), { msgId: `${number}` }).then(() => true, () => false);
      if (isKept) number = left.shift();
    }
  }
  const publishing = Promise.all(numbers(10).map(publishAll));
  await eventually(() => desk.offered.length > 50);
  await desk.server.stop("SIGKILL");
  await eventually(() => !desk.link.isUp);
  await desk.server.start();
  await publishing;
  // Not until the queue is empty: a message whose ack NATS had just noted when it was killed may stay there, done with.
  await eventually(() => desk.offered.length >= all.length);
  assertEquals(sorted(desk.offered), all);
  assertEquals(await desk.stored("dead"), []);
});

test("QueueWorker notices that nothing comes any more, and goes on when it does", async () => {
  await using desk = await Desk.opened();
  await desk.worker();
  await desk.publish(hello(1));
  await desk.emptied();
  desk.server.signal("SIGSTOP");
  await eventually(() => desk.reported.some(says("heartbeats missed")));
  desk.server.signal("SIGCONT");
  await eventually(() => desk.publish(hello(2), { msgId: "2" }).then(() => true, () => false));
  await desk.emptied();
  assertEquals(desk.offered, [1, 2]);
});

test("QueueWorker goes on when its consumer, or the stream itself, was deleted", async () => {
  await using desk = await Desk.opened();
  await using wire = new Wire(desk.server.port);
  /** NATS tells of it before it is done, and does not bear that the same is made anew meanwhile. */
  async function untold(act: () => Promise<unknown>): Promise<void> {
    wire.cut("silent");
    await act();
    wire.heal();
  }
  await desk.worker({ port: wire.port });
  await desk.publish(hello(1));
  await desk.emptied();
  await untold(() => desk.manager.consumers.delete(STREAM, "tidings"));
  await desk.publish(hello(2));
  await eventually(() => desk.offered.length === 2);
  await desk.emptied();
  await untold(() => desk.manager.streams.delete(STREAM));
  await eventually(() => desk.publish(hello(3)).then(() => true, () => false));
  await eventually(() => desk.offered.length === 3);
  assertEquals(desk.offered, [1, 2, 3]);
  assert(desk.reported.some(says("consumer deleted")));
});

test("QueueWorker loses nothing, and nothing twice, when nodes come and go all the time", async () => {
  await using desk = await Desk.opened();
  await desk.made({ ackWaitMs: 3_600_000 }); // of none is it waited for
  const all = numbers(400);
  const publishing = Promise.all(all.map((number) => desk.publish(hello(number))));
  while (desk.offered.length < all.length) {
    const worker = await desk.worker({ limits: { messages: 100 } });
    const before = desk.offered.length;
    await eventually(() => desk.offered.length > before || desk.offered.length === all.length);
    await worker.close();
  }
  await publishing;
  assertEquals(sorted(desk.offered), all);
});

test("QueueWorker closes while NATS is away", async () => {
  await using desk = await Desk.opened();
  const worker = await desk.worker();
  await desk.server.stop();
  await worker.close();
  await worker.close();
  await desk.server.start();
});

/** Of an error: whether that is why the queue cannot be read. */
function says(what: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && String(error.cause).includes(what);
}
