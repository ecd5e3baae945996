/** PostgresLink: logs in, sends statements, listens, and rejects everything that waits when the connection ends. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { PostgresLink } from "../../src/postgres/link.ts";
import { eventually } from "../eventually.ts";
import { FaultyProxy } from "../nats/faulty_proxy.ts";
import { CA, PostgresServer, postgresUrl, test, WITH_TLS } from "./postgres_server.ts";

/** Opens a connection to the URL's first server. */
async function open(
  text: string,
  { requestMs = 10_000, signal = new AbortController().signal } = {},
): Promise<PostgresLink> {
  const url = postgresUrl(text), { servers: [server] } = url;
  assert(server !== undefined);
  return await PostgresLink.open(url, { server, requestMs, signal, onNotify: () => {} });
}

test("PostgresLink resolves with the rows of a statement, as text where JavaScript has no such number", async () => {
  await using server = await PostgresServer.started({ schema: "" });
  await using link = await server.link();
  const text = `select 9007199254740993::bigint as number, '{"n": 1.0}'::json as json, null as nothing`;
  assertEquals<unknown>([...await link.query(text)], [
    { number: "9007199254740993", json: '{"n": 1.0}', nothing: null },
  ]);
  assertEquals<unknown>((await link.query("select $1::int + $2::int as sum", ["1", "2"]))[0], { sum: 3 });
  assertEquals<unknown>((await link.query("select $1::json as json", ['{"n": 1.0}']))[0], {
    json: '{"n": 1.0}',
  });
  await assertRejects(() => link.query("select * from nothing"), Error, 'relation "nothing" does not exist');
  assertEquals((await link.query("select 1 as one")).length, 1, "the connection goes on after an error");
});

test("PostgresLink logs in with a password, whatever it contains, and no error quotes it", async () => {
  const password = "p@ss/w:rd?#%";
  const logins = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256";
  await using server = await PostgresServer.started({
    logins,
    schema: `create role hamilton login password '${password}'`,
  });
  const login = (word: string) => server.address(`hamilton:${encodeURIComponent(word)}`);
  await using link = await open(login(password));
  const [row] = await link.query("select current_user::text, current_setting('application_name') as name");
  assertEquals<unknown>(row, { current_user: "hamilton", name: "tidings" });
  const refused = () => open(login("wrong secret"));
  const error = await assertRejects(refused, Error, "password authentication failed");
  assert(!Deno.inspect(error).includes("wrong secret"));
});

test("PostgresLink uses TLS as sslmode says, and checks the certificate and the name as it says", async () => {
  const config = `${WITH_TLS}\nlisten_addresses = '127.0.0.1, 127.0.0.2'`;
  await using server = await PostgresServer.started({ schema: "", config });
  const { port } = server;
  const at = (host: string, query: string) => `postgres://postgres@${host}:${port}/postgres?${query}`;
  const ca = `sslrootcert=${CA}`;
  const cases: readonly [text: string, expected: boolean | string][] = [
    [at("127.0.0.1", ""), true],
    [at("127.0.0.1", "sslmode=disable"), false],
    [at("127.0.0.1", "sslmode=prefer"), true],
    [at("localhost", "sslmode=require"), true],
    [at("localhost", `sslmode=require&${ca}`), true],
    [at("localhost", "sslmode=verify-ca"), "certificate"],
    [at("localhost", `sslmode=verify-ca&${ca}`), true],
    [at("127.0.0.2", `sslmode=verify-ca&${ca}`), true],
    [at("localhost", `sslmode=verify-full&${ca}`), true],
    [at("127.0.0.1", `sslmode=verify-full&${ca}`), true],
    [at("127.0.0.2", `sslmode=verify-full&${ca}`), "altnames"],
    [at("localhost", "sslmode=verify-full"), "certificate"],
  ];
  for (const [text, expected] of cases) {
    if (typeof expected === "string") await assertRejects(() => open(text), Error, expected, text);
    else {
      await using link = await open(text);
      const [row] = await link.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
      assertEquals(row?.ssl, expected, text);
    }
  }
});

test("PostgresLink without TLS at the server connects with prefer, and says with require what is wrong", async () => {
  await using server = await PostgresServer.started({ schema: "" });
  await using link = await open(server.address("postgres", "?sslmode=prefer"));
  assertEquals((await link.query("select 1 as one")).length, 1);
  await assertRejects(() => open(server.address("postgres", "?sslmode=require")), Error, "has no TLS");
});

test("PostgresLink calls onNotify for messages of the channels that it listens to", async () => {
  await using server = await PostgresServer.started({ schema: "" });
  let messages = 0;
  await using link = await server.link({ onNotify: () => messages++ });
  await link.query("listen news");
  await server.run("notify news");
  await server.run("notify other");
  await server.run("notify news, 'again'");
  await eventually(() => messages === 2, "two messages");
});

test("PostgresLink rejects everything that waits when the server ends, and everything after that", async () => {
  await using server = await PostgresServer.started({ schema: "" });
  await using link = await server.link();
  const waiting = ["begin", "select pg_sleep(60)", "select 1"].map((text) => link.query(text));
  const failures = Promise.allSettled(waiting.slice(1));
  await waiting[0];
  await server.stop();
  assertEquals((await failures).map(({ status }) => status), ["rejected", "rejected"]);
  await assertRejects(() => link.query("select 1"), Error);
  await server.start();
  await assertRejects(() => link.query("select 1"), Error); // it does not connect again
});

test("PostgresLink gives up a server that is silent, while it connects and later", async () => {
  await using server = await PostgresServer.started({ schema: "" });
  await using proxy = new FaultyProxy(server.port);
  const text = server.address("postgres", "?sslmode=disable").replace(`:${server.port}/`, `:${proxy.port}/`);
  await using link = await open(text, { requestMs: 200 });
  proxy.cut("silent");
  await assertRejects(() => link.query("select 1"), Error, "has not answered within 200 ms");
  await assertRejects(() => open(text, { requestMs: 50 }), Error, "has not answered within 50 ms");
  const stop = new AbortController();
  const opening = open(text, { signal: stop.signal });
  stop.abort(new Error("stopped"));
  await assertRejects(() => opening, Error, "stopped");
});

test("PostgresLink rejects at once if nothing listens, or the server ends before it has answered", async () => {
  await using server = await PostgresServer.started({ schema: "" });
  await using proxy = new FaultyProxy(server.port);
  proxy.cut("broken");
  const text = server.address("postgres").replace(`:${server.port}/`, `:${proxy.port}/`);
  for (const mode of ["disable", "prefer"]) {
    await assertRejects(() => open(`${text}?sslmode=${mode}`), Error, "clos");
  }
  await server.stop();
  await assertRejects(() => open(server.address("postgres")), Error, "ECONNREFUSED");
});
