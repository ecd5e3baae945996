/** OutboxWorker reads over TLS, and through a PgBouncer. */

import { assertEquals } from "@std/assert";
import { eventually } from "../../eventually.ts";
import { PgBouncer, testWithPgBouncer } from "../../postgres/pgbouncer.ts";
import { CA, postgresUrl, test, WITH_TLS } from "../../postgres/postgres_server.ts";
import { hello, numbers, TestOutbox } from "./test_outbox.ts";

test("OutboxWorker reads over TLS, and checks the server's certificate", async () => {
  await using outbox = await TestOutbox.open({
    config: WITH_TLS,
    logins: "hostssl all all 127.0.0.1/32 trust",
  });
  outbox.startWorker({ url: outbox.server.url("tidings", `?sslmode=verify-full&sslrootcert=${CA}`) });
  await outbox.insert(hello(1));
  await outbox.drained();
  assertEquals(outbox.offered, [1]);
  outbox.startWorker({ url: outbox.server.url("tidings", "?sslmode=verify-full") });
  await eventually(
    () => outbox.messages("error").some((message) => /certificate/.test(message)),
    "a refusal",
  );
});

testWithPgBouncer(
  "OutboxWorkers read through a PgBouncer in transaction mode, where nothing wakes them",
  async () => {
    await using outbox = await TestOutbox.open();
    await using bouncer = await PgBouncer.started(outbox.server);
    const url = postgresUrl(`postgres://tidings@127.0.0.1:${bouncer.port}/postgres`);
    for (const _ of numbers(3)) outbox.startWorker({ url });
    for (const n of numbers(20)) await outbox.insert(...numbers(20).map((m) => hello(20 * n + m)));
    await outbox.drained();
    assertEquals(outbox.offered.toSorted((a, b) => Number(a) - Number(b)), numbers(400));
    assertEquals([outbox.messages("error"), outbox.counts.kept], [[], 400]);
    // The workers go on looking for rows, each time in a transaction.
    await eventually(async () => {
      const open = await outbox.server.run(`select distinct state from pg_stat_activity
        where usename = 'tidings' and state like '%in transaction%'`);
      return open.length === 0;
    }, "a moment without a transaction");
  },
);
