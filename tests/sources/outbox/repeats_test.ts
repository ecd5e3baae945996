/** OutboxWorker: each row is published once, although nodes die, databases go away, and workers share a table. */

import { assertEquals } from "@std/assert";
import { eventually } from "../../eventually.ts";
import { test } from "../../postgres/postgres_server.ts";
import { hello, insertInto, numbers, TestOutbox } from "./test_outbox.ts";

for (const together of [1, 3]) {
  test(`OutboxWorker delivers ${together} rows once if a node dies between the append and the commit`, async () => {
    await using outbox = await TestOutbox.open();
    let appends = 0;
    const worker = outbox.startWorker({
      async accept(drafts) {
        const receipts = await outbox.accept(drafts);
        appends++;
        await outbox.server.run(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tidings' and usename = 'tidings'",
        );
        return receipts;
      },
    });
    await outbox.insert(...numbers(together).map((n) => hello(n)));
    await eventually(() => appends > 0, "an append");
    await worker.close(); // so what it remembers is lost, too
    assertEquals((await outbox.rows()).length, together);
    outbox.startWorker();
    await outbox.drained();
    assertEquals(outbox.offered, numbers(together));
    assertEquals(outbox.counts.kept, together);
  });
}

test("OutboxWorker remembers what it has published although the journal has forgotten the ids", async () => {
  await using outbox = await TestOutbox.open();
  let appends = 0;
  outbox.startWorker({
    async accept(drafts) {
      appends++;
      if (appends === 1) await outbox.server.stop(); // before the commit
      return await outbox.accept(drafts.map((draft) => ({ ...draft, digest: null }))); // never a repeat
    },
  });
  await outbox.insert(hello(1));
  await eventually(() => outbox.counts.lost > 2, "a database that is away");
  await outbox.server.start();
  await outbox.insert(hello(2));
  await outbox.drained();
  assertEquals([outbox.offered, appends], [[1, 2], 2]);
});

test("OutboxWorker shares the table: rows that one worker has in hand are skipped by the others", async () => {
  await using outbox = await TestOutbox.open();
  const release = Promise.withResolvers<void>();
  let isBusy = false;
  outbox.startWorker({
    async accept(drafts) {
      isBusy = true;
      await release.promise;
      return outbox.accept(drafts);
    },
  });
  await outbox.insert(hello("slow"));
  await eventually(() => isBusy, "a busy worker");
  outbox.startWorker();
  await outbox.insert(...numbers(300).map((n) => hello(n)));
  await eventually(() => outbox.offered.length === 300, "the rows of the other worker");
  release.resolve();
  await outbox.drained();
  assertEquals(outbox.offered, [...numbers(300), "slow"]);
  assertEquals(outbox.counts.kept, 301);
});

test("OutboxWorkers that share a table publish each row once while writers commit and roll back", async () => {
  await using outbox = await TestOutbox.open();
  for (const _ of numbers(3)) outbox.startWorker();
  const writers = numbers(4).map(async (writer) => {
    await using link = await outbox.server.link();
    for (const n of numbers(30)) {
      await link.query("begin");
      await insertInto(link, [hello(writer * 1_000 + n)]);
      await link.query(n % 3 === 0 ? "rollback" : "commit");
    }
  });
  await Promise.all(writers);
  await outbox.drained();
  const expected = numbers(4).flatMap((writer) =>
    numbers(30).filter((n) => n % 3 > 0).map((n) => writer * 1_000 + n)
  );
  assertEquals(outbox.offered.toSorted((a, b) => Number(a) - Number(b)), expected);
  assertEquals(outbox.counts.kept, expected.length);
});

const KEEPERS = {
  trigger: `create function keep() returns trigger language plpgsql as 'begin return null; end';
    create trigger keep before delete or update on tidings_outbox for each row execute function keep()`,
  policy: `alter table tidings_outbox enable row level security;
    create policy reads on tidings_outbox for select using (true);
    create policy locks on tidings_outbox for update using (true) with check (failed_at is null);
    create policy keeps on tidings_outbox for delete using (false)`,
};

for (const [keeper, statements] of Object.entries(KEEPERS)) {
  test(`OutboxWorker publishes rows once that a ${keeper} keeps in the table, and says so`, async () => {
    await using outbox = await TestOutbox.open();
    await outbox.server.run(statements);
    await outbox.insert(hello(1), hello(2));
    let drafts = 0;
    outbox.startWorker({
      async accept(some) {
        drafts += some.length;
        return await outbox.accept(some);
      },
    });
    await eventually(() => outbox.counts.lost > 4, "several looks at the table");
    assertEquals([outbox.offered, drafts, (await outbox.rows()).length], [[1, 2], 2, 2]);
    assertEquals(outbox.messages("error"), [
      "the outbox table cannot be read: rows of tidings_outbox are neither deleted nor updated: " +
      "a trigger or a policy keeps them",
    ]);
  });
}

test("OutboxWorker warns of no row that a trigger keeps from standing aside", async () => {
  await using outbox = await TestOutbox.open();
  await outbox.server.run(KEEPERS.trigger);
  await outbox.insert({ data: "for nobody" });
  outbox.startWorker();
  await eventually(() => outbox.counts.lost > 2, "several looks at the table");
  assertEquals([outbox.messages("warn"), outbox.messages("error").length], [[], 1]);
});

test("OutboxWorkers share the table whatever the isolation level of the database is", async () => {
  await using outbox = await TestOutbox.open();
  await outbox.server.run("alter database postgres set default_transaction_isolation = 'serializable'");
  for (const _ of numbers(4)) outbox.startWorker();
  await outbox.insert(...numbers(2_000).map((n) => hello(n)));
  await outbox.drained();
  assertEquals(outbox.offered.length, 2_000);
  assertEquals(outbox.messages("error"), []);
});
