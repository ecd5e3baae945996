/** OutboxWorker: one of the workers that share a table publishes each row, once, and deletes it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { memorySchedule } from "../../../src/schedule/memory.ts";
import { unavailable } from "../../../src/wire/problem.ts";
import { eventually } from "../../eventually.ts";
import { test } from "../../postgres/postgres_server.ts";
import { hello, insertInto, numbers, TestOutbox } from "./test_outbox.ts";

test("OutboxWorker publishes rows in the order of their numbers, and deletes them", async () => {
  await using outbox = await TestOutbox.open();
  await outbox.insert(...numbers(600).map((n) => hello(n)));
  outbox.startWorker();
  await outbox.drained();
  await outbox.insert(hello(600), [hello(601), { targets: ["burr", "alexander"], data: 602 }]);
  await outbox.drained();
  assertEquals(outbox.offered, numbers(603));
  assertEquals([outbox.reported, await outbox.rows()], [[], []]);
  assertEquals([outbox.counts.kept, outbox.counts.failed, outbox.counts.lost], [602, 0, 0]);
  assertEquals(outbox.messages("info"), [
    `reading the outbox table of postgres on 127.0.0.1:${outbox.server.port}`,
  ]);
});

test("OutboxWorker is woken by the commit of an insert, before it would look again", async () => {
  await using outbox = await TestOutbox.open();
  outbox.startWorker({ limits: { pollMs: 600_000 } });
  await eventually(() => outbox.counts.looks > 0, "the first look");
  await outbox.insert(hello(1));
  await outbox.drained();
  assertEquals(outbox.offered, [1]);
});

test("OutboxWorker finds rows without the trigger, at the latest when it looks again", async () => {
  await using outbox = await TestOutbox.open();
  await outbox.server.run("drop trigger tidings_outbox_notify on tidings_outbox");
  outbox.startWorker();
  await eventually(() => outbox.counts.looks > 0, "the first look");
  await outbox.insert(hello(1));
  await outbox.drained();
  assertEquals(outbox.offered, [1]);
});

test("OutboxWorker sees only what is committed, also if a greater number is committed first", async () => {
  await using outbox = await TestOutbox.open();
  outbox.startWorker();
  await using first = await outbox.server.link(), rolledBack = await outbox.server.link();
  await first.query("begin");
  await insertInto(first, [hello("first")]);
  await rolledBack.query("begin");
  await insertInto(rolledBack, [hello("rolled back")]);
  await outbox.insert(hello("second"));
  await outbox.drained();
  await rolledBack.query("rollback");
  await first.query("commit");
  await outbox.drained();
  assertEquals(outbox.offered, ["second", "first"]);
});

test("OutboxWorker uses the row's id, unless its JSON names one, and passes the text of data on", async () => {
  await using outbox = await TestOutbox.open();
  const id = "0f14d0ab-9605-4a62-a9e4-5ed26688389b";
  await outbox.server.run(`insert into tidings_outbox (id, notification) values
    ('${id}', '{"target": "alexander", "data": 1}'),
    (default, '{"target": "alexander", "data": 2, "id": "mine"}'),
    (default, ' { "target": "alexander", "data": 3 }'),
    (default, '[{"target": "alexander", "data": 4}]')`);
  outbox.startWorker();
  await outbox.drained();
  assertEquals(outbox.offered, [1, 2, 3, 4]);
  assertEquals(outbox.ids.slice(0, 2), [id, "mine"]);
  assertMatch(String(outbox.ids[2]), /^[\da-f-]{36}$/);
  assertMatch(String(outbox.ids[3]), /^[\da-f-]{36}\.0$/);
});

test("OutboxWorker passes on every digit of a number", async () => {
  await using outbox = await TestOutbox.open();
  const data: string[] = [];
  outbox.startWorker({
    accept(drafts) {
      for (const draft of drafts) data.push(draft.data);
      return outbox.accept(drafts);
    },
  });
  const text = '{"n":12345678901234567890.10}';
  await outbox.server.run(
    `insert into tidings_outbox (notification) values ('{"target":"alexander","data":${text}}')`,
  );
  await outbox.drained();
  assertEquals(data, [text]);
});

test("OutboxWorker leaves rows in the table while the intake is unavailable, and tries again", async () => {
  await using outbox = await TestOutbox.open();
  let refusals = 0;
  outbox.startWorker({
    accept(drafts) {
      if (refusals === 3) return outbox.accept(drafts);
      refusals++;
      return Promise.reject(unavailable("no room"));
    },
  });
  await outbox.insert(hello(1), hello(2));
  await outbox.drained();
  assertEquals([outbox.offered, outbox.reported, outbox.counts.failed], [[1, 2], [], 0]);
});

test("OutboxWorker finishes the rows in hand when it is closed, and leaves the rest", async () => {
  await using outbox = await TestOutbox.open();
  const gate = Promise.withResolvers<void>();
  let appends = 0;
  const worker = outbox.startWorker({
    async accept(drafts) {
      appends++;
      await gate.promise;
      return outbox.accept(drafts);
    },
  });
  await outbox.insert(...numbers(300).map((n) => hello(n)));
  await eventually(() => appends === 1, "the first batch");
  const closed = worker.close();
  gate.resolve();
  await closed;
  assertEquals(outbox.offered, numbers(256));
  assertEquals((await outbox.rows()).length, 44);
  const sessions = await outbox.server.run("select from pg_stat_activity where usename = 'tidings'");
  await eventually(async () =>
    sessions.length === 0 || (await outbox.server.run(
        "select from pg_stat_activity where usename = 'tidings'",
      )).length === 0, "no session is left");
});

test("OutboxWorker takes no more than a request has: 256 rows, and 1 MiB unless one row is larger", async () => {
  await using outbox = await TestOutbox.open();
  const batches: number[] = [];
  const text = "a".repeat(60_000);
  await outbox.insert(...numbers(40).map((n) => hello([n, text])));
  outbox.startWorker({
    accept(drafts) {
      batches.push(drafts.length);
      return outbox.accept(drafts);
    },
  });
  await outbox.drained();
  assertEquals(batches, [17, 17, 6]);
});

test("OutboxWorker reads each row of a backlog a few times at most, although the table looks small to PostgreSQL", async () => {
  await using outbox = await TestOutbox.open();
  const count = 5_000;
  await outbox.insert(...numbers(count).map((n) => hello(n)));
  const worker = outbox.startWorker();
  await eventually(() => outbox.offered.length === count, "all rows");
  await worker.close();
  const text = "select seq_tup_read + idx_tup_fetch as read, n_tup_del as deleted from pg_stat_user_tables";
  const stats = () => outbox.server.run(`${text} where relname = 'tidings_outbox'`);
  await eventually(async () => Number((await stats())[0]?.deleted) === count, "the statistics of the worker");
  assert(Number((await stats())[0]?.read) < 4 * count);
});

test("OutboxWorker schedules a notification with a time, under the id of its row", async () => {
  await using outbox = await TestOutbox.open();
  const schedule = memorySchedule({ maxBytes: 1024 * 1024, now: Date.now });
  outbox.startWorker({ schedule: (records) => schedule.add(records) });
  const at = new Date(Date.now() + 60_000).toISOString();
  const id = "0f14d0ab-9605-4a62-a9e4-5ed26688389b";
  await outbox.server.run(`insert into tidings_outbox (id, notification) values
    ('${id}', '{"target": "alexander", "data": 1, "at": "${at}"}')`);
  await outbox.insert(hello(2));
  await outbox.drained();
  assertEquals(outbox.offered, [2]);
  assertEquals((await schedule.find(`notification ${id}`))?.dueAt, Date.parse(at));
  await schedule.close();
});

test("OutboxWorker measures how old the oldest row is that waits", async () => {
  await using outbox = await TestOutbox.open();
  const ages: number[] = [];
  await outbox.server.run(`insert into tidings_outbox (notification, created_at)
    values ('{"target": "alexander", "data": 1}', now() - interval '1 minute')`);
  outbox.startWorker({ onAge: (ms) => ages.push(ms) });
  await outbox.drained();
  await outbox.looked();
  assert(ages.some((ms) => ms >= 60_000 && ms < 120_000), ages.join());
  assertEquals(ages.at(-1), 0);
});
