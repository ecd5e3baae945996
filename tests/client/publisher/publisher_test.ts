/** publisher: what it repeats, in which order, and how much it leaves unanswered. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { publisher } from "../../../src/client/publisher/publisher.ts";
import { Problem } from "../../../src/wire/problem.ts";
import { eventually } from "../../eventually.ts";
import { type FakePublisherConnection, FakePublishService } from "./fake_publish_service.ts";
import { errorFrom, to, upTo, withoutBackoff } from "./calls.ts";

function dataOf({ sent }: FakePublisherConnection): unknown[] {
  return sent.map(({ data }) => data);
}

Deno.test("publisher offers its key as a subprotocol, in base64url", async () => {
  await using service = new FakePublishService();
  const key = "schlüssel?>~/+ with spaces";
  await using tidings = publisher(service.url, { key });
  await eventually(() => service.connections.length > 0);
  const [name, offered = ""] = service.connection.protocols;
  assertEquals([name, /^tidings\.key\.[\w-]+$/.test(offered)], ["tidings.publish.v1", true]);
  assertEquals(
    new TextDecoder().decode(Uint8Array.fromBase64(offered.slice(12), { alphabet: "base64url" })),
    key,
  );
  await tidings.close();
});

Deno.test("publisher resolves each call with its own answer, and makes ids where there are none", async () => {
  await using service = new FakePublishService({ onSent: (connection) => connection.accept(1) });
  await using tidings = publisher(service.url);
  const answers = await Promise.all([
    tidings.notify(to(1)),
    tidings.notify(to(2, { id: "mine" })),
    tidings.notify(to(3)),
  ]);
  const ids = service.connection.sent.map(({ id }) => id);
  assertEquals(answers.map(({ id }) => id), ids);
  assertEquals([ids[1], new Set(ids).size, ids.every((id) => id.length <= 128)], ["mine", 3, true]);
});

Deno.test("publisher gives each notification of an array an id of its own", async () => {
  const arrays: unknown[] = [];
  await using service = new FakePublishService({
    onSent(connection) {
      arrays.push(connection.sent.at(-1));
      connection.answer({ notifications: [] });
    },
  });
  await using tidings = publisher(service.url);
  await tidings.notify([to(1), to(2, { id: "mine" })]);
  const [[first, second] = []] = arrays as { id: string }[][];
  assertEquals([typeof first?.id, second?.id], ["string", "mine"]);
});

Deno.test("publisher repeats what was not answered, with the same ids, in order and before what came later", async () => {
  using _ = withoutBackoff();
  await using service = new FakePublishService();
  await using tidings = publisher(service.url);
  const calls = upTo(5).map((n) => tidings.notify(to(n)));
  await eventually(() => service.connections[0]?.sent.length === 5);
  const [first] = service.connections;
  first?.accept(2);
  await calls[1];
  first?.close(1012);
  calls.push(tidings.notify(to(5)));
  await eventually(() => service.connections[1]?.sent.length === 4);
  const [, second] = service.connections;
  assertEquals(second?.sent.slice(0, 3), first?.sent.slice(2));
  assertEquals(dataOf(service.connection), [2, 3, 4, 5]);
  second?.accept(4);
  assertEquals((await Promise.all(calls)).length, 6);
});

Deno.test("publisher leaves no more unanswered than the first message says", async () => {
  await using service = new FakePublishService({ limits: { notifications: 3, bytes: 250 } });
  await using tidings = publisher(service.url);
  const calls = upTo(5).map((n) => tidings.notify(to(n)));
  const large = tidings.notify(to("x".repeat(300))); // more than all that may be unanswered: alone
  const last = tidings.notify(to("last"));
  const seen: unknown[][] = [];
  await eventually(() =>
    service.connections[0]?.sent.length === 2 || service.connections[0]?.sent.length === 3
  );
  const connection = service.connection;
  while (connection.sent.length < 7 || connection.unanswered.length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    seen.push(connection.unanswered.map(({ data }) => data));
    connection.accept(1);
  }
  await Promise.all([...calls, large, last]);
  assertEquals(dataOf(connection), [0, 1, 2, 3, 4, "x".repeat(300), "last"]);
  assert(seen.every(({ length }) => length <= 3), JSON.stringify(seen));
  assert(seen.every((all) => all.length === 1 || !all.includes("x".repeat(300))), JSON.stringify(seen));
});

Deno.test("publisher counts an empty array as one notification, as the server does", async () => {
  const unanswered: number[] = [];
  await using service = new FakePublishService({
    limits: { notifications: 1, bytes: 1_000 },
    onSent(connection) {
      unanswered.push(connection.unanswered.length);
      setTimeout(() => connection.answer(new Problem("does-not-fit", "empty")), 90); // Deno may send the next 40 ms later
    },
  });
  await using tidings = publisher(service.url);
  const errors = await Promise.all([tidings.notify([]), tidings.notify([])].map(errorFrom));
  assertEquals([errors.map(({ status }) => status), unanswered], [[422, 422], [1, 1]]);
});

Deno.test("publisher waits and repeats what the server has no room for, before what came later", async () => {
  const retried: string[] = [];
  await using service = new FakePublishService({
    limits: { notifications: 3, bytes: 1_000 },
    onSent(connection) {
      const [first, , third] = connection.sent;
      if (connection.sent.length === 3) {
        connection.answer({ id: first?.id }, new Problem("unavailable", "full"), { id: third?.id });
      } else if (connection.sent.length > 3) connection.accept(1);
    },
  });
  await using tidings = publisher(service.url, { retrying: (reason) => retried.push(reason) });
  await Promise.all(upTo(6).map((n) => tidings.notify(to(n))));
  assertEquals(dataOf(service.connection), [0, 1, 2, 1, 3, 4, 5]);
  assertEquals(retried, ["503: full"]);
});

Deno.test("publisher waits for as long as the limit of its key says, and repeats what was beyond it", async () => {
  const waits: number[] = [], sentAt: number[] = [];
  await using service = new FakePublishService({
    onSent(connection) {
      sentAt.push(performance.now());
      const members = { retry_after: 0.05 };
      if (connection.sent.length > 1) connection.accept(1);
      else connection.answer(new Problem("quota-exceeded", "too many", { members }));
    },
  });
  await using tidings = publisher(service.url, { retrying: (_, ms) => waits.push(ms) });
  await tidings.notify(to(1));
  const [wait = 0] = waits, [first = 0, second = 0] = sentAt;
  assert(wait >= 550 && second - first >= 549, `${wait}`);
});

Deno.test("publisher rejects a call with the problem that answers it, and goes on", async () => {
  const errors = [{ path: "target", message: "is empty" }];
  await using service = new FakePublishService({
    onSent(connection) {
      if (connection.sent.length > 1) connection.accept(1);
      else connection.answer(new Problem("does-not-fit", "target: is empty", { errors }));
    },
  });
  await using tidings = publisher(service.url);
  const error = await errorFrom(tidings.notify(to(1)));
  assertEquals([error.name, error.status, error.type, error.final, error.errors], [
    "PublishError",
    422,
    "urn:tidings:problem:does-not-fit",
    false,
    errors,
  ]);
  assertStringIncludes(error.message, "target: is empty");
  await tidings.notify(to(2));
});

Deno.test("publisher takes nothing for an answer that is none, and repeats what it was for", async () => {
  using _ = withoutBackoff();
  for (const noAnswer of [0, null, {}, "accepted", [{ id: "a" }], { type: "news" }]) {
    let frames = 0;
    await using service = new FakePublishService({
      onSent(connection) {
        if (++frames === 1) connection.answer(noAnswer);
        else connection.accept(1);
      },
    });
    await using tidings = publisher(service.url);
    const { id } = await tidings.notify(to(1, { id: "one" }));
    assertEquals([id, frames, service.connections.length], ["one", 2, 2]);
  }
});

Deno.test("publisher refuses at once what can never be sent", async () => {
  await using service = new FakePublishService({ onSent: (connection) => connection.accept(1) });
  await using tidings = publisher(service.url);
  await assertRejects(() => tidings.notify(to(1n)), TypeError);
  const circular: unknown[] = [];
  circular.push(circular);
  await assertRejects(() => tidings.notify(to(circular)), TypeError);
  assertEquals((await errorFrom(tidings.notify(to("é".repeat(600_000))))).status, 413);
  assertEquals((await errorFrom(tidings.notify(Array(1_001).fill(to(1))))).status, 413);
  await tidings.notify(to(2));
  assertEquals(service.connection.sent.length, 1);
});

Deno.test("publisher publishes each notification once and in order, however the connections break", async () => {
  using _ = withoutBackoff();
  const breaks = fc.array(
    fc.record({ answers: fc.nat(4), code: fc.constantFrom(1001, 1011, 1012, 4102, 4200) }),
    {
      maxLength: 4,
    },
  );
  await fc.assert(
    fc.asyncProperty(breaks, fc.integer({ min: 1, max: 12 }), async (breaks, count) => {
      const accepted: string[] = [];
      await using service = new FakePublishService({
        limits: { notifications: 5, bytes: 10_000 },
        onSent(connection) {
          const { id } = connection.sent.at(-1) ?? {};
          if (id !== undefined && !accepted.includes(id)) accepted.push(id); // a repeat is known
          const { answers, code } = breaks[service.connections.length - 1] ?? { answers: Infinity, code: 0 };
          if (connection.sent.length > answers) return connection.close(code);
          connection.accept(1);
        },
      });
      await using tidings = publisher(service.url);
      const answers = await Promise.all(upTo(count).map((n) => tidings.notify(to(n, { id: `${n}` }))));
      assertEquals(answers.map(({ id }) => id), upTo(count).map(String));
      assertEquals(accepted, upTo(count).map(String));
    }),
    { numRuns: 20 },
  );
});
