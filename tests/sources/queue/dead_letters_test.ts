/** Dead letters, as QueueWorker stores them: the unchanged message with the problem. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Problem } from "../../../src/wire/problem.ts";
import { eventually } from "../../eventually.ts";
import { test } from "../../nats/nats_server.ts";
import { bytes, hello, numbers, STREAM, TestQueue } from "./test_queue.ts";

/** Messages that can never be accepted: a description, the bytes, and the kind of the problem. */
const INVALID: readonly [string, Uint8Array, string][] = [
  ["text that is not JSON", bytes('{"target":'), "not-json"],
  ["an empty message", bytes(""), "not-json"],
  ["a notification that violates the schema", bytes('{"target":"a\\nß","data":1}'), "does-not-fit"],
  ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "bad-request"],
  ["data that is too large", bytes(JSON.stringify(hello("a".repeat(65_536)))), "too-large"],
  [
    "a field whose name exceeds a header",
    bytes(JSON.stringify({ ["ß\n".repeat(20_000)]: 1 })),
    "does-not-fit",
  ],
];

for (const [description, body, kind] of INVALID) {
  test(`QueueWorker stores ${description} as a dead letter, with the problem and the unchanged bytes`, async () => {
    await using queue = await TestQueue.open();
    await queue.startWorker({ limits: { ackWaitMs: 30_000 } }); // a second delivery would be logged again
    const sequence = await queue.publish(body, { msgId: "theirs" });
    await queue.drained();
    const [letter, ...others] = await queue.stored("dead");
    assert(letter !== undefined && others.length === 0);
    assertEquals(letter.data, body);
    assertEquals(letter.header.get("Tidings-Sequence"), String(sequence));
    const problem = JSON.parse(letter.header.get("Tidings-Problem"));
    assertEquals(problem.type, `urn:tidings:problem:${kind}`);
    assertEquals(Object.keys(problem).slice(0, 4), ["type", "title", "status", "detail"]);
    assertEquals([queue.logged, queue.deadLetters], [[{ sequence, kind }], 1]);
    assertEquals(queue.reported, []);
  });
}

test("QueueWorker stores a message with other content under a used id as a dead letter", async () => {
  await using queue = await TestQueue.open();
  await queue.startWorker();
  for (const data of [1, 2, 1]) {
    await queue.publish(hello(data, { id: "mine" }));
    await queue.drained();
  }
  assertEquals(queue.offered, [1]);
  const [letter, ...others] = await queue.stored("dead");
  assertEquals(letter?.json(), hello(2, { id: "mine" }));
  assertMatch(letter?.header.get("Tidings-Problem") ?? "", /id-conflict.*mine was used for other content/);
  assertEquals(others, []);
});

test("QueueWorker stores a dead letter once if the message is delivered again before it is answered", async () => {
  await using queue = await TestQueue.open();
  const { promise: twice, resolve } = Promise.withResolvers<void>();
  let deliveries = 0;
  const accept = async () => {
    if (++deliveries === 2) resolve();
    await twice;
    throw new Problem("does-not-fit", "never");
  };
  await queue.startWorker({ accept });
  await queue.startWorker({ accept });
  await queue.publish(hello(1));
  await queue.drained();
  assertEquals((await queue.stored("dead")).length, 1);
});

test("QueueWorker does not ack a message while there is no room for its dead letter, and stores it later", async () => {
  await using queue = await TestQueue.open();
  await queue.create();
  const { config } = await queue.manager.streams.info(STREAM);
  await queue.manager.streams.update(STREAM, { ...config, max_bytes: 3_000 });
  await queue.publish(bytes("a".repeat(2_000)));
  await queue.startWorker();
  await eventually(() => queue.reported.length > 2);
  assertMatch(String(queue.reported[0]), /maximum bytes exceeded/);
  assertEquals([(await queue.stored("in")).length, queue.logged], [1, []]);
  await queue.manager.streams.update(STREAM, config);
  await queue.drained();
  assertEquals((await queue.stored("dead")).map(({ data }) => data), [bytes("a".repeat(2_000))]);
});

test("QueueWorker splits a dead letter that is larger than the server accepts", async () => {
  await using queue = await TestQueue.open({ config: "max_payload: 65536" });
  await queue.startWorker();
  const body = bytes(numbers(12_000).join(" "));
  await queue.publish(body);
  await queue.drained();
  const letters = await queue.stored("dead");
  assertEquals(letters.map(({ header }) => header.get("Tidings-Part")), ["1/2", "2/2"]);
  assertEquals(letters.map((letter) => letter.string()).join(""), new TextDecoder().decode(body));
});
