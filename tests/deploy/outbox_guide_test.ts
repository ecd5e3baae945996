/** The guide to the outbox table: its statements run, and its table has the columns of outbox.sql. */

import { assertEquals } from "@std/assert";
import { ReturningTab } from "../end_to_end/returning_tab.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { PostgresServer, test } from "../postgres/postgres_server.ts";

const guide = await Deno.readTextFile(new URL("../../deploy/postgres/README.md", import.meta.url));
const statements = Array.from(guide.matchAll(/^ *```sql\n([^]*?)```/gm), ([, text = ""]) => text);

test("The statements of the guide to the outbox table run in its order, and send what it says", async () => {
  await using server = await PostgresServer.started();
  await server.run("create table orders (id bigserial, customer text, total numeric); create schema shop");
  await using service = await TestService.start({ TIDINGS_OUTBOX: server.address() });
  const tab = new ReturningTab("alexander");
  await tab.connect(service.port);
  for (const statement of statements) await server.run(statement);
  await server.run("insert into orders (customer) values ('alexander')");
  await tab.waitForCount(2);
  assertEquals(tab.received.map(({ data }) => data), [{ title: "Thank you for your order" }, { order: 2 }]);
  assertEquals(statements.length, 6);
  await tab.disconnect();
});

test("The guide to the outbox table describes each column of outbox.sql", async () => {
  await using server = await PostgresServer.started();
  const rows = await server.run(
    "select attname as name from pg_attribute where attrelid = 'tidings_outbox'::regclass and attnum > 0 order by attnum",
  );
  const described = Array.from(guide.matchAll(/^\| `(\w+)` +\|/gm), ([, name]) => name);
  assertEquals<unknown>(described, rows.map(({ name }) => name));
});
