/** OutboxWorker: a row that cannot be published stands aside with its problem, or waits, and holds up no other. */

import { assert, assertEquals } from "@std/assert";
import { Problem, unavailable } from "../../../src/wire/problem.ts";
import { eventually } from "../../eventually.ts";
import { test } from "../../postgres/postgres_server.ts";
import { hello, numbers, TestOutbox } from "./test_outbox.ts";

/** A table of somebody who took liberties: jsonb, texts, and NULLs everywhere. */
const NULLABLE = `create table tidings_outbox (
    number bigserial primary key, id text default gen_random_uuid()::text, notification jsonb,
    created_at timestamp, failed_at timestamp, problem text
  );
  create role tidings login;
  grant select, delete, update on tidings_outbox to tidings`;

test("OutboxWorker lets rows stand aside that can never be published, and says why", async () => {
  await using outbox = await TestOutbox.open();
  await outbox.insert(
    hello(1),
    { data: "for nobody" },
    hello(2),
    null,
    "text",
    [],
    {},
    hello(3, { id: "" }),
    hello("a".repeat(65_536)),
    hello(4, { push: true }),
    [hello(5), hello(6, { ttl: -1 })],
    hello(7),
  );
  outbox.startWorker();
  await outbox.drained();
  assertEquals(outbox.offered, [1, 2, 7]);
  const kinds = (await outbox.problems()).map((problem) =>
    Object(problem).type.replace("urn:tidings:problem:", "")
  );
  assertEquals(kinds, [
    ...["does-not-fit", "does-not-fit", "does-not-fit", "does-not-fit", "does-not-fit", "does-not-fit"],
    ...["too-large", "does-not-fit", "does-not-fit"],
  ]);
  assertEquals((await outbox.problems())[0], {
    type: "urn:tidings:problem:does-not-fit",
    title: "The content does not match the schema",
    status: 422,
    detail: "exactly one of `target`, `targets` and `everyone` is required",
    errors: [{ path: "", message: "exactly one of `target`, `targets` and `everyone` is required" }],
  });
  const [first] = outbox.messages("warn");
  assertEquals(first, "row 2 of the outbox table stands aside: does-not-fit");
  assertEquals([outbox.messages("warn").length, outbox.counts.failed, outbox.reported], [9, 9, []]);
});

test("OutboxWorker sends a row that stood aside when somebody has repaired it", async () => {
  await using outbox = await TestOutbox.open();
  outbox.startWorker();
  await outbox.insert({ target: "alexander" });
  await eventually(() => outbox.counts.failed === 1, "a row that stands aside");
  await outbox.looked();
  assertEquals(outbox.counts.failed, 1, "it is not tried again by itself");
  await outbox.server.run(`update tidings_outbox
    set notification = '{"target": "alexander", "data": 1}', failed_at = null, problem = null`);
  await outbox.drained();
  assertEquals([outbox.offered, await outbox.rows()], [[1], []]);
});

test("OutboxWorker lets a row stand aside whose id was used for other content, and only that one", async () => {
  await using outbox = await TestOutbox.open();
  outbox.startWorker();
  await outbox.insert(hello(1, { id: "one" }), hello(2));
  await outbox.drained();
  await outbox.insert(hello(3), hello(4, { id: "one" }), hello(5), hello(1, { id: "one" }));
  await outbox.drained();
  assertEquals(outbox.offered, [1, 2, 3, 5], "a repeat is kept, and not offered again");
  const [problem, ...others] = await outbox.problems();
  assertEquals(Object(problem).type, "urn:tidings:problem:id-conflict");
  assertEquals([others, outbox.counts.kept], [[], 5]);
});

test("OutboxWorker copes with NULLs, and with jsonb, in a table that somebody else has created", async () => {
  await using outbox = await TestOutbox.open({ schema: NULLABLE });
  await outbox.server.run(`insert into tidings_outbox (id, notification) values
    ('a', '{"target": "alexander", "data": 1}'), ('b', null), (null, '{"target": "alexander", "data": 2}'),
    (null, null), ('c', 'null'), ('d', '{"target": "\\\\ud83d\\\\ude00\\t", "data": 1}'),
    ('e', '{"target": "alexander", "data": 3}')`);
  outbox.startWorker();
  await outbox.drained();
  assertEquals([outbox.offered, outbox.ids], [[1, 3], ["a", "e"]]);
  const details = (await outbox.problems()).map((problem) => Object(problem).detail);
  assertEquals(details.slice(0, 3), [
    "notification: is null",
    "id: is null, so a repeat would not be recognised",
    "id: is null, so a repeat would not be recognised",
  ]);
  assertEquals(details.length, 5);
});

test("OutboxWorker lets a row stand aside that is larger than a request, even if it has 64 MiB", async () => {
  await using outbox = await TestOutbox.open();
  await outbox.server.run(`insert into tidings_outbox (notification)
    select ('{"target": "alexander", "data": "' || repeat('a', 64 * 1024 * 1024) || '"}')::json`);
  await outbox.insert(hello(1));
  outbox.startWorker();
  await outbox.drained();
  assertEquals(outbox.offered, [1]);
  assertEquals((await outbox.problems()).map((problem) => Object(problem).detail), [
    "a row is limited to 1048576 bytes",
  ]);
});

test("OutboxWorker stores problems that quote what PostgreSQL does not accept in jsonb, and long ones", async () => {
  const schema = NULLABLE.replace("problem text", "problem jsonb").replace(
    "notification jsonb",
    "notification json",
  );
  await using outbox = await TestOutbox.open({ schema });
  const odd = String.raw`{"target": "a", "data": 1, "\u0000\ud800": 1}`;
  const many = JSON.stringify({ targets: numbers(900).map(() => "\u0007"), data: 1 });
  await outbox.server.run("insert into tidings_outbox (notification) values ($1::json), ($2::json)", [
    odd,
    many,
  ]);
  outbox.startWorker();
  await outbox.drained();
  const problems = await outbox.problems();
  assertEquals(problems.map((problem) => Object(problem).status), [422, 422]);
  assert(problems.every((problem) => JSON.stringify(problem).length <= 8_192));
});

test("OutboxWorker publishes rows that are too much for one request together", async () => {
  await using outbox = await TestOutbox.open();
  const targets = ["alexander", ...numbers(999).map((n) => `burr ${n}`)];
  const notifications = numbers(24).map((data) => ({ targets, data }));
  let most = 0;
  outbox.startWorker({
    accept(drafts) {
      most = Math.max(most, drafts.length);
      return outbox.accept(drafts);
    },
  });
  await outbox.insert(...notifications);
  await outbox.drained();
  assertEquals(outbox.offered, numbers(24));
  assert(most > 1_000 && most <= 10_000, `${most}`);
});

test("OutboxWorker reports an error that one row causes, tries that row again later, and all others at once", async () => {
  await using outbox = await TestOutbox.open();
  const bugs = [new TypeError("a bug"), new Problem("broken", "a bug")];
  let failures = 0;
  outbox.startWorker({
    accept(drafts) {
      const isVictim = drafts.some(({ data }) => data === '"victim"');
      if (!isVictim || failures === 4) return outbox.accept(drafts);
      return Promise.reject(bugs[failures++ % 2]);
    },
  });
  await outbox.insert(hello("victim"), hello("other"), hello("another"));
  await outbox.drained();
  assertEquals(outbox.offered, ["other", "another", "victim"]);
  assertEquals(outbox.reported, [bugs[1], bugs[0], bugs[1]]); // the first one was of all three rows
});

test("OutboxWorker holds up no row when the schedule has no room for others", async () => {
  await using outbox = await TestOutbox.open();
  let isFull = true, tries = 0;
  outbox.startWorker({
    schedule(records) {
      tries++;
      if (isFull) return Promise.reject(unavailable("too many notifications are scheduled"));
      return Promise.resolve(records.map(({ dueAt }) => ({ outcome: "added", dueAt })));
    },
  });
  const at = new Date(Date.now() + 60_000).toISOString();
  await outbox.insert(...numbers(300).map((n) => hello(n, { at })));
  await outbox.insert(hello("now"));
  await eventually(() => outbox.offered.length === 1, "the row that is not scheduled");
  assertEquals((await outbox.rows()).length, 300);
  const before = tries;
  await eventually(() => tries > before, "another try");
  isFull = false;
  await outbox.drained();
  assertEquals([outbox.counts.kept, outbox.counts.failed, outbox.reported], [301, 0, []]);
});

test("OutboxWorker publishes rows whose time is infinite, and holds up no other", async () => {
  await using outbox = await TestOutbox.open();
  await outbox.insert(...numbers(3).map((n) => hello(n)));
  await outbox.server.run(`update tidings_outbox
    set created_at = (case number when 1 then '-infinity' else 'infinity' end)::timestamptz where number < 3`);
  outbox.startWorker();
  await outbox.drained();
  assertEquals(outbox.offered, numbers(3));
});
