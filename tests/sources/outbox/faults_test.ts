/** OutboxWorker in adversity: a database that is away, silent, locked or a standby, and a table of another shape. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../../eventually.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { freePort } from "../../nats/nats_server.ts";
import { PostgresServer, postgresUrl, test } from "../../postgres/postgres_server.ts";
import { hello, insertInto, numbers, TestOutbox } from "./test_outbox.ts";

test("OutboxWorker starts without the database, says so once, and reads as soon as it is there", async () => {
  await using outbox = await TestOutbox.open();
  await outbox.insert(hello(1));
  await outbox.server.stop();
  outbox.startWorker();
  await eventually(() => outbox.counts.lost >= 3, "three attempts");
  const [error, ...others] = outbox.messages("error");
  assertMatch(String(error), /^the outbox table cannot be read: .*ECONNREFUSED/);
  assertEquals([others, outbox.messages("info")], [[], []]);
  await outbox.server.start();
  await outbox.drained();
  assertEquals([outbox.offered, outbox.messages("info").length], [[1], 1]);
});

test("OutboxWorker reads on whenever the database was killed, and logs each time once", async () => {
  await using outbox = await TestOutbox.open();
  outbox.startWorker();
  for (const n of numbers(3)) {
    await outbox.insert(hello(n));
    await outbox.drained();
    const { lost } = outbox.counts;
    await outbox.server.stop();
    await eventually(() => outbox.counts.lost > lost, "a worker that has noticed it");
    await outbox.server.start();
  }
  await outbox.looked();
  assertEquals(outbox.offered, numbers(3));
  assertEquals(outbox.messages("info").length, 4);
});

test("OutboxWorker says what the table lacks, and reads it as soon as nothing is missing", async () => {
  await using outbox = await TestOutbox.open();
  const { server } = outbox;
  const steps: readonly [statement: string, reason: RegExp, undo: string][] = [
    [
      "alter table tidings_outbox rename to other",
      /there is no table tidings_outbox in {public}/,
      "alter table other rename to tidings_outbox",
    ],
    [
      "alter table tidings_outbox rename problem to mistake",
      /has no column problem$/,
      "alter table tidings_outbox rename mistake to problem",
    ],
    [
      "alter table tidings_outbox alter notification type text",
      /column notification of tidings_outbox must be json or jsonb, and is text$/,
      "alter table tidings_outbox alter notification type json using notification::json",
    ],
    [
      "alter table tidings_outbox drop constraint tidings_outbox_pkey",
      /column number of tidings_outbox must be its primary key/,
      "alter table tidings_outbox add primary key (number)",
    ],
    [
      "revoke delete on tidings_outbox from tidings",
      /role tidings lacks the right to delete tidings_outbox$/,
      "grant delete on tidings_outbox to tidings",
    ],
    [
      "revoke update (problem) on tidings_outbox from tidings",
      /lacks the right to update \(failed_at, problem\)/,
      "grant update (problem) on tidings_outbox to tidings",
    ],
    [
      "revoke select on tidings_outbox from tidings",
      /lacks the right to select tidings_outbox$/,
      "grant select on tidings_outbox to tidings",
    ],
    [
      "alter table tidings_outbox enable row level security",
      /row-level security hides the rows of tidings_outbox: there is no policy for tidings to select, update, delete$/,
      "create policy tidings on tidings_outbox to tidings using (true)",
    ],
    [
      "drop policy tidings on tidings_outbox; create policy reads on tidings_outbox for select using (true)",
      /there is no policy for tidings to update, delete$/,
      "alter table tidings_outbox disable row level security",
    ],
    [
      "revoke usage on schema public from public",
      /there is no table tidings_outbox in {}/,
      "grant usage on schema public to public",
    ],
  ];
  outbox.startWorker();
  await outbox.looked();
  for (const [statement, reason, undo] of steps) {
    await server.run(
      `${statement}; select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tidings'`,
    );
    await eventually(() => outbox.messages("error").some((message) => reason.test(message)), `${reason}`);
    await server.run(undo);
    await outbox.insert(hello(statement));
    await outbox.drained();
  }
  assertEquals(outbox.offered, steps.map(([statement]) => statement));
});

test("OutboxWorker tries the servers of its URL in turn, until one has a table that it may change", async () => {
  await using standby = await PostgresServer.started();
  await standby.run("alter role tidings set default_transaction_read_only = on");
  await using outbox = await TestOutbox.open();
  const addresses = [freePort(), standby.port, outbox.server.port].map((port) => `127.0.0.1:${port}`);
  outbox.startWorker({ url: postgresUrl(`postgres://tidings@${addresses}/postgres`) });
  await outbox.insert(hello(1));
  await outbox.drained();
  assertEquals(outbox.offered, [1]);
  assert(outbox.messages("error").some((message) => message.includes("read-only transaction")));
  await outbox.server.stop();
  const { lost } = outbox.counts;
  await eventually(() => outbox.counts.lost > lost + 7, "two rounds of all servers");
  const { length } = outbox.messages("error");
  await eventually(() => outbox.counts.lost > lost + 12, "two more");
  assertEquals(outbox.messages("error").length, length, "each reason is logged once");
  await outbox.server.start();
  await outbox.insert(hello(2));
  await outbox.drained();
  assertEquals(outbox.offered, [1, 2]);
});

test("OutboxWorker gives up a connection that is silent, and opens another one", async () => {
  await using outbox = await TestOutbox.open();
  await using proxy = new FaultyProxy(outbox.server.port);
  const url = postgresUrl(`postgres://tidings@127.0.0.1:${proxy.port}/postgres`);
  outbox.startWorker({ url, limits: { requestMs: 300 } });
  await outbox.looked();
  proxy.cut("silent");
  await outbox.insert(hello(1));
  await eventually(() => outbox.counts.lost > 0, "a worker that has noticed it");
  proxy.heal();
  await outbox.drained();
  assertEquals(outbox.offered, [1]);
});

test("OutboxWorker waits for a table that somebody has locked", async () => {
  await using outbox = await TestOutbox.open();
  outbox.startWorker({ limits: { requestMs: 300 } });
  await outbox.insert(hello(1));
  await outbox.drained();
  {
    await using link = await outbox.server.link();
    await link.query("begin; lock table tidings_outbox in access exclusive mode");
    await insertInto(link, [hello(2)]);
    await eventually(() => outbox.counts.lost > 0, "a worker that has noticed it");
    await link.query("commit");
  }
  await outbox.drained();
  assertEquals(outbox.offered, [1, 2]);
});

test("OutboxWorker closes at once while the database is away, or does not answer", async () => {
  await using outbox = await TestOutbox.open();
  const limits = { maxRetryMs: 600_000, retryMs: 600_000, requestMs: 600_000, pollMs: 600_000 };
  {
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const url = postgresUrl(`postgres://tidings@127.0.0.1:${silent.addr.port}/postgres`);
    await outbox.startWorker({ url, limits }).close(); // before it has connected
    const connecting = outbox.startWorker({ url, limits });
    using _connection = await silent.accept();
    await connecting.close();
  }
  const idle = outbox.startWorker({ limits });
  await eventually(() => outbox.counts.looks === 1, "a look");
  await idle.close();
  await outbox.server.stop();
  const waiting = outbox.startWorker({ limits });
  await eventually(() => outbox.counts.lost === 1, "a failure");
  await waiting.close();
});
