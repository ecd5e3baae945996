/** The service with an outbox table: how it starts, with which permissions, and what it tells of the table. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { CA, PostgresServer, test, WITH_TLS } from "../postgres/postgres_server.ts";
import { ReturningTab } from "./returning_tab.ts";
import { ServiceProcess } from "./service_process.ts";

const SECRET = "a-secret-of-the-treasury";
const INSERT = "insert into tidings_outbox (notification) values ($1)";

async function samples(service: ServiceProcess): Promise<string[]> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith("tidings_outbox_table"));
}

test("The service reads its outbox table over TLS, with the permissions of deno task start", async () => {
  await using server = await PostgresServer.started({
    config: WITH_TLS,
    logins: "host all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256",
  });
  await server.run(`alter role tidings password '${SECRET}'`);
  const folder = await Deno.makeTempDir();
  await Deno.copyFile(CA, `${folder}/ca.pem`);
  const query = `?sslmode=verify-full&sslrootcert=${folder}/ca.pem`;
  const TIDINGS_OUTBOX = server.address(`tidings:${SECRET}`, query).replace("postgres://", "postgresql://");
  const tab = new ReturningTab("alexander");
  {
    await using service = await ServiceProcess.start({ TIDINGS_OUTBOX }, { folder });
    await tab.connect(service.port);
    await server.run(INSERT, ['{"target": "alexander", "data": 1}']);
    await tab.waitFor(1);
    await server.run(INSERT, ['{"target": "alexander"}']);
    const expected = [
      "tidings_outbox_table_is_read 1",
      'tidings_outbox_table_rows_total{outcome="kept"} 1',
      'tidings_outbox_table_rows_total{outcome="failed"} 1',
    ];
    await eventually(async () => {
      const found = await samples(service);
      return expected.every((line) => found.includes(line));
    }, "the metrics of the outbox table");
    await server.stop();
    await eventually(
      async () => (await samples(service)).includes("tidings_outbox_table_is_read 0"),
      "a loss",
    );
    service.signal("SIGTERM");
    assertEquals(await service.exited(), 0);
    assert(!service.output.includes(SECRET), service.output);
    assert(service.output.includes("the outbox table cannot be read"), service.output);
  }
  await tab.disconnect();
  await Deno.remove(folder, { recursive: true });
});

test("The service starts while the database is away, is ready, and serves publishers and tabs meanwhile", async () => {
  await using server = await PostgresServer.started();
  await server.stop();
  await using service = await ServiceProcess.start({ TIDINGS_OUTBOX: server.address() });
  const ready = await fetch(`${service.url}/readyz`);
  await ready.body?.cancel();
  assertEquals(ready.status, 200);
  const tab = new ReturningTab("alexander");
  await tab.connect(service.port);
  await service.notify({ target: "alexander", data: "posted" });
  await tab.waitFor("posted");
  await service.waitForOutput("the outbox table cannot be read");
  await server.start();
  await server.run(INSERT, ['{"target": "alexander", "data": "inserted"}']);
  await tab.waitFor("inserted");
  await tab.disconnect();
});

Deno.test("The service does not start with a URL that is no database's, and does not print it", async () => {
  const service = new ServiceProcess({
    TIDINGS_OUTBOX: `postgres://tidings:${SECRET}@a/t?sslmode=${SECRET}`,
  });
  assertEquals(await service.exited(), 2);
  assert(service.output.includes("TIDINGS_OUTBOX: expected postgres://USER:PASSWORD@HOST"), service.output);
  assert(!service.output.includes(SECRET));
});

Deno.test("A node without an outbox table has no metrics of one", async () => {
  await using service = await ServiceProcess.start();
  assertEquals(await samples(service), []);
});
