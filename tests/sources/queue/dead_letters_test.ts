/** deadLetters, as QueueWorker uses them: what can never be taken is kept, as it was, with the problem. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Problem } from "../../../src/wire/problem.ts";
import { test } from "../../nats/nats_server.ts";
import { bytes, Desk, eventually, hello, numbers, STREAM } from "./test_queue.ts";

/** Of each: what it is, the bytes, and the problem. */
const REFUSED: readonly [string, Uint8Array, string][] = [
  ["what is not JSON", bytes('{"target":'), "not-json"],
  ["nothing", bytes(""), "not-json"],
  ["what does not fit the schema", bytes('{"target":"a\\nß","data":1}'), "does-not-fit"],
  ["what is not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "bad-request"],
  ["data that is too large", bytes(JSON.stringify(hello("a".repeat(65_536)))), "too-large"],
  [
    "a name that nobody could write down",
    bytes(JSON.stringify({ ["ß\n".repeat(20_000)]: 1 })),
    "does-not-fit",
  ],
];

for (const [what, body, kind] of REFUSED) {
  test(`QueueWorker keeps ${what} as a dead letter, with the problem and the bytes as they were`, async () => {
    await using desk = await Desk.opened();
    await desk.worker({ limits: { ackWaitMs: 30_000 } }); // what is delivered again is logged again
    const sequence = await desk.publish(body, { msgId: "theirs" });
    await desk.emptied();
    const [letter, ...others] = await desk.stored("dead");
    assert(letter !== undefined && others.length === 0);
    assertEquals(letter.data, body);
    assertEquals(letter.header.get("Tidings-Sequence"), String(sequence));
    const problem = JSON.parse(letter.header.get("Tidings-Problem"));
    assertEquals(problem.type, `urn:tidings:problem:${kind}`);
    assertEquals(Object.keys(problem).slice(0, 4), ["type", "title", "status", "detail"]);
    assertEquals(desk.logged, [{ sequence, kind }]);
    assertEquals(desk.reported, []);
  });
}

test("QueueWorker keeps other content under an id that was used as a dead letter", async () => {
  await using desk = await Desk.opened();
  await desk.worker();
  for (const data of [1, 2, 1]) {
    await desk.publish(hello(data, { id: "mine" }));
    await desk.emptied();
  }
  assertEquals(desk.offered, [1]);
  const [letter, ...others] = await desk.stored("dead");
  assertEquals(letter?.json(), hello(2, { id: "mine" }));
  assertMatch(letter?.header.get("Tidings-Problem") ?? "", /id-conflict.*mine was used with other content/);
  assertEquals(others, []);
});

test("QueueWorker keeps a dead letter once, if it is delivered again before it was done with", async () => {
  await using desk = await Desk.opened();
  const { promise: both, resolve } = Promise.withResolvers<void>();
  let takes = 0;
  const accept = async () => {
    if (++takes === 2) resolve();
    await both; // until it has been delivered twice
    throw new Problem("does-not-fit", "never");
  };
  await desk.worker({ accept });
  await desk.worker({ accept });
  await desk.publish(hello(1));
  await desk.emptied();
  assertEquals((await desk.stored("dead")).length, 1);
});

test("QueueWorker does not ack what cannot be kept as a dead letter, and keeps it when there is room", async () => {
  await using desk = await Desk.opened();
  await desk.made();
  const { config } = await desk.manager.streams.info(STREAM);
  await desk.manager.streams.update(STREAM, { ...config, max_bytes: 3_000 });
  await desk.publish(bytes("a".repeat(2_000)));
  await desk.worker();
  await eventually(() => desk.reported.length > 2);
  assertMatch(String(desk.reported[0]), /maximum bytes exceeded/);
  assertEquals([(await desk.stored("in")).length, desk.logged], [1, []]);
  await desk.manager.streams.update(STREAM, config);
  await desk.emptied();
  assertEquals((await desk.stored("dead")).map(({ data }) => data), [bytes("a".repeat(2_000))]);
});

test("QueueWorker keeps a dead letter in parts that the server takes", async () => {
  await using desk = await Desk.opened({ config: "max_payload: 65536" });
  await desk.worker();
  const body = bytes(numbers(12_000).join(" "));
  await desk.publish(body);
  await desk.emptied();
  const letters = await desk.stored("dead");
  assertEquals(letters.map(({ header }) => header.get("Tidings-Part")), ["1/2", "2/2"]);
  assertEquals(letters.map((letter) => letter.string()).join(""), new TextDecoder().decode(body));
});
