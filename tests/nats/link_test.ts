import { assert, assertEquals, assertRejects } from "@std/assert";
import { NatsLink } from "../../src/nats/link.ts";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";
import { freePort, NatsServer, test } from "./nats_server.ts";

const QUIET = { name: "test", retryMs: 5, requestMs: 1_000, report: () => {} };

test("NatsLink says when it is down and up again, over a restart of the server", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link({ retryMs: 5 });
  const down = Promise.withResolvers<void>(), up = Promise.withResolvers<void>();
  link.tell({ down: () => down.resolve(), up: () => up.resolve() });
  assert(link.isUp);
  await server.stop();
  await down.promise;
  assert(!link.isUp);
  await server.start();
  await up.promise;
  assert(link.isUp);
  await link.connection.flush();
});

test("NatsLink gives an answer, and waits for none when the line breaks", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link({ retryMs: 5 });
  assertEquals(await link.answer(() => Promise.resolve("yes")), "yes");
  await assertRejects(() => link.answer(() => Promise.reject(new Error("no"))), Error, "no");
  const never = link.answer(() => new Promise(() => {}));
  await Promise.all([server.stop(), assertRejects(() => never, Error, "broke")]);
});

test("NatsLink says where nobody listens, and no password", async () => {
  const [first, second] = [freePort(), freePort()];
  const nowhere = parseNatsUrl(`nats://h:secret@127.0.0.1:${first},nats://127.0.0.1:${second}`);
  assert(nowhere !== undefined);
  const { message } = await assertRejects(() => NatsLink.open(nowhere, QUIET), Error);
  assertEquals(message, `cannot connect to 127.0.0.1:${first} or 127.0.0.1:${second}: connection refused`);
});

test("NatsLink shows its user and password", async () => {
  await using server = await NatsServer.started({
    config: `authorization { user: "h", password: "p@ss/1" }`,
  });
  const open = (login: string) => {
    const place = parseNatsUrl(`nats://${login}127.0.0.1:${server.port}`);
    assert(place !== undefined);
    return NatsLink.open(place, QUIET);
  };
  await using link = await open("h:p%40ss%2F1@");
  assertEquals(link.isUp, true);
  await assertRejects(() => open("h:wrong@"), Error, "Authorization");
  await assertRejects(() => open(""), Error, "Authorization");
});

test("NatsLink holds no more memory after 100 failed attempts to connect", async () => {
  await using server = await NatsServer.started();
  const program = new URL("dialling.ts", import.meta.url).pathname;
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
