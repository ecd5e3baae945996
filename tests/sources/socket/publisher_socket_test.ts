/** PublisherSocket: the order of answers, backpressure, limits, and how it ends. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { CLOSE } from "../../../src/wire/close_codes.ts";
import { unavailable } from "../../../src/wire/problem.ts";
import { FakePublisher } from "./fake_publisher.ts";

function opened(deps?: ConstructorParameters<typeof FakePublisher>[0]): FakePublisher {
  const publisher = new FakePublisher(deps);
  publisher.listener?.onOpen();
  return publisher;
}

Deno.test("PublisherSocket says the limits in its first message", () => {
  const { frames } = opened();
  assertEquals(frames.map((frame) => JSON.parse(frame)), [
    [{ type: "welcome", limits: { notifications: 1_000, bytes: 1_048_576 } }],
  ]);
});

Deno.test("PublisherSocket publishes in the order of the frames, one append at a time, and answers in it", async () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constantFrom("notify" as const, "nonsense" as const, "push" as const) }),
      fc.record({ do: fc.constant("settle" as const), fails: fc.boolean() }),
    ),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const publisher = opened(), expected: string[] = [], sent: string[] = [];
      const settleOne = async (fails: boolean) => {
        assertEquals(publisher.pending.length <= 1, true, "one append at a time");
        const one = publisher.pending.shift();
        for (const id of fails ? one?.ids ?? [] : []) expected[expected.indexOf(id)] = "unavailable";
        fails ? one?.fail(unavailable("full")) : one?.accept();
        await publisher.settle();
      };
      for (const [n, step] of all.entries()) {
        if (step.do === "settle") await settleOne(step.fails);
        else if (step.do === "nonsense") publisher.receive("nonsense");
        else publisher.notify(`${n}`, step.do === "push" ? { push: { after: 1 } } : {});
        if (step.do !== "settle") expected.push(step.do === "nonsense" ? "not-json" : `${n}`);
        if (step.do === "notify" || step.do === "push") sent.push(`${n}`);
        assertEquals(publisher.answers.flat(), expected.slice(0, publisher.answers.flat().length));
      }
      await publisher.settle();
      while (publisher.pending.length > 0) await settleOne(false);
      assertEquals(publisher.answers.flat(), expected);
      assertEquals([publisher.published, publisher.closes, publisher.reported], [sent, [], []]);
    }),
    { numRuns: 50 },
  );
});

Deno.test("PublisherSocket waits for its turn with many frames, and after every hundredth that is refused", async () => {
  let turns = 0;
  const publisher = opened({ turnOfLarge: () => Promise.resolve(void turns++) });
  for (let frame = 0; frame < 200; frame++) publisher.receive("nonsense");
  await publisher.settle();
  assertEquals(turns, 1); // the first was published alone, and then 199
  for (let frame = 0; frame < 300; frame++) publisher.receive("nonsense");
  await publisher.settle();
  assertEquals([turns, publisher.refused.length], [4, 500]); // one for the many
});

Deno.test("PublisherSocket publishes together, and answers in one frame, what comes while it publishes", async () => {
  const publisher = opened();
  for (const id of ["1", "2", "3"]) publisher.notify(id);
  assertEquals(publisher.published, ["1"]);
  await publisher.acceptAll();
  assertEquals([publisher.published, publisher.answers], [["1", "2", "3"], [["1"], ["2", "3"]]]);
});

Deno.test("PublisherSocket refuses only the notification for whose push there is no room", async () => {
  const publisher = opened();
  publisher.notify("1");
  publisher.notify("2", { push: { after: 1 } });
  publisher.notify("3");
  publisher.pending.shift()?.accept();
  await publisher.settle();
  publisher.pending.shift()?.fail(unavailable("too many pushes"));
  await publisher.settle();
  await publisher.acceptAll();
  assertEquals(publisher.answers, [["1"], ["unavailable", "3"]]);
});

Deno.test("PublisherSocket answers a publisher that waits for each answer without waiting for a turn", async () => {
  const publisher = opened();
  for (const id of ["1", "2"]) {
    publisher.notify(id);
    await publisher.acceptAll();
  }
  assertEquals(publisher.answers, [["1"], ["2"]]);
});

Deno.test("PublisherSocket publishes nothing more while the publisher does not read, and closes with 4102 beyond the limit", async () => {
  const publisher = opened();
  publisher.notify("1");
  publisher.buffered = 100_000;
  await publisher.acceptAll();
  for (let n = 2; n <= 1_001; n++) publisher.notify(`${n}`);
  await publisher.settle();
  assertEquals([publisher.published, publisher.answers, publisher.closes], [["1"], [["1"]], []]);
  publisher.notify("1002");
  assertEquals(publisher.closes, [CLOSE.tooMuchUnanswered]);
});

Deno.test("PublisherSocket goes on where it was when the publisher reads again", async () => {
  const publisher = opened();
  publisher.notify("1");
  publisher.notify("2");
  publisher.buffered = 100_000;
  await publisher.acceptAll();
  publisher.notify("3");
  await publisher.settle();
  assertEquals([publisher.published, publisher.answers], [["1"], [["1"]]]);
  await publisher.drain();
  await publisher.acceptAll();
  assertEquals([publisher.published, publisher.answers], [["1", "2", "3"], [["1"], ["2", "3"]]]);
});

Deno.test("PublisherSocket closes with 4200 if the publisher reads nothing for too long", async () => {
  const publisher = opened();
  publisher.notify("1");
  publisher.buffered = 100_000;
  await publisher.acceptAll();
  await publisher.drain(new Error("stalled"));
  assertEquals([publisher.closes, publisher.ended, publisher.reported], [[CLOSE.stuck], [CLOSE.stuck], []]);
});

for (
  const [name, frame, close] of [
    ["a binary frame", new ArrayBuffer(2), CLOSE.protocolViolation],
    ["a frame over 1 MiB", "x".repeat(1_048_577), CLOSE.tooMuchUnanswered],
    ["a frame over 1 MiB in UTF-8", "é".repeat(524_289), CLOSE.tooMuchUnanswered],
    ["1,001 notifications in a frame", `[${"1,".repeat(1_000)}1]`, CLOSE.tooMuchUnanswered],
  ] as const
) {
  Deno.test(`PublisherSocket closes with ${close.code} at ${name}, and takes nothing more`, async () => {
    const publisher = opened();
    publisher.notify("1");
    publisher.receive(frame);
    publisher.listener?.onFrame('{"target":"a","data":1}'); // was on its way
    assertEquals([publisher.closes, publisher.ended, publisher.published], [[close], [close], ["1"]]);
    await publisher.acceptAll();
    await publisher.settle();
    assertEquals(publisher.answers, []);
  });
}

Deno.test("PublisherSocket publishes what follows a large frame after it, when it was the large frame's turn", async () => {
  const turn = Promise.withResolvers<void>();
  const publisher = opened({ turnOfLarge: () => turn.promise });
  publisher.receive(`{"target":"alexander","data":1,"id":"large"}${" ".repeat(65_536)}`);
  publisher.notify("small");
  await publisher.settle();
  assertEquals(publisher.published, []);
  turn.resolve();
  await publisher.settle();
  assertEquals(publisher.published, ["large"]);
  await publisher.acceptAll();
  await publisher.settle();
  await publisher.acceptAll();
  await publisher.settle();
  assertEquals([publisher.published, publisher.answers], [["large", "small"], [["large"], ["small"]]]);
});

Deno.test("PublisherSocket refuses in order a frame for which the node has no room", async () => {
  let room = 0;
  const publisher = opened({ budget: { take: () => room++ === 0, release() {} } });
  publisher.notify("1");
  publisher.notify("2");
  await publisher.acceptAll();
  await publisher.settle();
  assertEquals([publisher.answers, publisher.refused], [[["1"], ["unavailable"]], [503]]);
});

Deno.test("PublisherSocket answers what it has when it stops, and then closes with 1012", async () => {
  const publisher = opened();
  publisher.notify("1");
  publisher.notify("2");
  publisher.socket.stop();
  publisher.notify("3");
  assertEquals(publisher.closes, []);
  await publisher.acceptAll();
  await publisher.settle();
  assertEquals([publisher.answers, publisher.closes, publisher.ended], [
    [["1"], ["2"]],
    [CLOSE.publishersRestart],
    [CLOSE.publishersRestart],
  ]);
});

Deno.test("PublisherSocket stops at once if nothing is unanswered, or nobody reads", async () => {
  const [idle, blocked] = [opened(), opened()];
  blocked.notify("1");
  blocked.buffered = 100_000;
  await blocked.acceptAll();
  blocked.notify("2");
  for (const publisher of [idle, blocked]) {
    publisher.socket.stop();
    assertEquals(publisher.closes, [CLOSE.publishersRestart]);
  }
});

Deno.test("PublisherSocket closes when it opens, if the node has begun to stop before", () => {
  const late = opened({ isDraining: () => true });
  assertEquals([late.frames, late.closes, late.ended], [[], [CLOSE.publishersRestart], [
    CLOSE.publishersRestart,
  ]]);
  const connecting = new FakePublisher();
  connecting.socket.stop();
  assertEquals(
    [connecting.closes, connecting.ended],
    [[], [CLOSE.publishersRestart]],
    "it cannot be closed yet",
  );
  connecting.listener?.onOpen();
  assertEquals([connecting.frames, connecting.closes], [[], [CLOSE.publishersRestart]]);
});

Deno.test("PublisherSocket ends once, and is gone once", async () => {
  const publisher = opened();
  publisher.notify("1");
  publisher.listener?.onClose();
  publisher.listener?.onClose();
  publisher.socket.stop();
  await publisher.acceptAll();
  await publisher.settle();
  assertEquals([publisher.ended, publisher.gone, publisher.answers, publisher.closes], [[null], 1, [], []]);
});

Deno.test("PublisherSocket reports an error of its transport, and closes with 1011", () => {
  const publisher = opened(), error = new Error("broken");
  publisher.listener?.onError(error);
  assertEquals([publisher.reported, publisher.closes], [[error], [CLOSE.broken]]);
});
