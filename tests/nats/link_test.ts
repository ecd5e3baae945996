/** NatsLink: the connection, its listeners, and what an attempt to connect costs. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { NatsLink } from "../../src/nats/link.ts";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";
import { freePort, NatsServer, test } from "./nats_server.ts";

const OPTIONS = { name: "test", retryMs: 5, requestMs: 1_000, report: () => {} };

test("NatsLink notifies its listeners when a restart of the server takes it down and up again", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link({ retryMs: 5 });
  const down = Promise.withResolvers<void>(), up = Promise.withResolvers<void>();
  link.addListener({ onDown: () => down.resolve(), onUp: () => up.resolve() });
  assert(link.isUp);
  await server.stop();
  await down.promise;
  assert(!link.isUp);
  await server.start();
  await up.promise;
  assert(link.isUp);
  await link.connection.flush();
});

test("NatsLink resolves with the result of a request, and rejects when the connection is lost", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link({ retryMs: 5 });
  assertEquals(await link.rejectOnDisconnect(() => Promise.resolve("yes")), "yes");
  await assertRejects(() => link.rejectOnDisconnect(() => Promise.reject(new Error("no"))), Error, "no");
  const unanswered = link.rejectOnDisconnect(() => new Promise(() => {}));
  await Promise.all([server.stop(), assertRejects(() => unanswered, Error, "was lost")]);
});

test("NatsLink names the addresses that it cannot connect to, and no password", async () => {
  const [first, second] = [freePort(), freePort()];
  const url = parseNatsUrl(`nats://h:secret@127.0.0.1:${first},nats://127.0.0.1:${second}`);
  assert(url !== undefined);
  const { message } = await assertRejects(() => NatsLink.open(url, OPTIONS), Error);
  assertEquals(message, `cannot connect to 127.0.0.1:${first} or 127.0.0.1:${second}: connection refused`);
});

test("NatsLink logs in with a user and a password", async () => {
  await using server = await NatsServer.started({
    config: `authorization { user: "h", password: "p@ss/1" }`,
  });
  const open = (login: string) => {
    const url = parseNatsUrl(`nats://${login}127.0.0.1:${server.port}`);
    assert(url !== undefined);
    return NatsLink.open(url, OPTIONS);
  };
  await using link = await open("h:p%40ss%2F1@");
  assertEquals(link.isUp, true);
  await assertRejects(() => open("h:wrong@"), Error, "Authorization");
  await assertRejects(() => open(""), Error, "Authorization");
});

test("NatsLink uses no more memory after 100 failed attempts to connect", async () => {
  await using server = await NatsServer.started();
  const program = new URL("reconnect_memory.ts", import.meta.url).pathname;
  const args = ["run", "--allow-all", "--v8-flags=--expose-gc", program, server.url()];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await lines.read()).value, "connected\n");
  await server.stop();
  const [before = NaN, after = NaN] = (await lines.read()).value?.split(" ").map(Number) ?? [];
  assert(after - before < 300_000, `${after - before} bytes more`);
  await lines.cancel();
  await child.status;
});
