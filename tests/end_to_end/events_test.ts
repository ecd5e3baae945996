/** Server-Sent Events, over real connections: the same stream as a WebSocket's, for readers of every kind. */

import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { SignJWT } from "jose";
import { EventReader } from "./event_reader.ts";
import { areLive, notifyLarge, notifyUntilBehind } from "./large.ts";
import { ServiceProcess } from "./process.ts";
import { Running, soon } from "./running.ts";
import { Tab } from "./tab.ts";

const ALEXANDER = { target: "alexander" };

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

function numbersIn(data: readonly unknown[]): number[] {
  return data.map((one) => (one as { n: number }).n);
}

Deno.test("The service streams events with the position as their id, after a welcome, and nothing of others", async () => {
  await using service = await Running.started();
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const retry = Number((await reader.event())?.retry);
  assert(retry >= 1_000 && retry < 2_000);
  const welcome = await reader.welcome();
  assertEquals([welcome.target, welcome.recovered, reader.lastId], ["alexander", null, welcome.position]);
  await service.notify({ target: "burr", data: "not his" });
  const { position } = await service.notify({ ...ALEXANDER, data: { title: "Hello, Alexander Hamilton!" } });
  assertEquals(await reader.data(1), [{ title: "Hello, Alexander Hamilton!" }]);
  assertEquals(reader.lastId, position);
});

Deno.test("The service gives tabs with WebSockets and tabs with events of one target the same", async () => {
  await using service = await Running.started();
  const { tab, welcome } = await Tab.open(service.port, ALEXANDER);
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const { connection } = await reader.welcome();
  assert(connection !== welcome.connection);
  await service.holds(2, "alexander");
  const { connections } = await (await fetch(`${service.url}/v1/targets/alexander`)).json();
  const transports = connections.map(({ transport }: { transport: string }) => transport);
  assertEquals(transports.toSorted(), ["sse", "websocket"]);
  await Promise.all(
    upTo(50).map((n) => service.notify([{ ...ALEXANDER, data: n }, { everyone: true, data: -n }])),
  );
  const data = await tab.data(100);
  assertEquals(await reader.data(100), data);
  assertEquals(new Set(data.map(String)).size, 99, "0 is there twice");
});

Deno.test("The service resumes after Last-Event-ID, which wins over `after`, for that is where the page began", async () => {
  await using service = await Running.started();
  const before = await EventReader.open(service.port, ALEXANDER);
  const { position: after } = await before.welcome();
  await service.notify({ ...ALEXANDER, data: 1 });
  assertEquals(await before.data(1), [1]);
  await before[Symbol.asyncDispose]();
  await service.notify([2, 3].map((data) => ({ ...ALEXANDER, data })));
  const headers = { "last-event-id": before.lastId ?? "" };
  await using again = await EventReader.open(service.port, { ...ALEXANDER, after }, headers);
  assertEquals((await again.welcome()).recovered, true);
  assertEquals(await again.data(2), [2, 3]);
  await using fromStart = await EventReader.open(service.port, { ...ALEXANDER, after });
  await fromStart.welcome();
  assertEquals(await fromStart.data(3), [1, 2, 3]);
});

Deno.test("The service delivers everything once and in order to a reader that leaves again and again", async () => {
  await using service = await Running.started({ TIDINGS_OUTBOX_BYTES: "2000" });
  let reader = await EventReader.open(service.port, ALEXANDER);
  await reader.welcome();
  const publishing = (async () => {
    for (let n = 0; n < 600; n += 3) {
      await service.notify([n, n + 1, n + 2].map((data) => ({ ...ALEXANDER, data })));
    }
  })();
  const got: unknown[] = [];
  for (let visit = 1; got.length < 600; visit++) {
    got.push(...await reader.data(Math.min(visit % 7, 600 - got.length)));
    if (visit % 7 !== 0) continue;
    const headers = { "last-event-id": reader.lastId ?? "" };
    await reader[Symbol.asyncDispose]();
    reader = await EventReader.open(service.port, ALEXANDER, headers);
    assertEquals((await reader.welcome()).recovered, true);
  }
  assertEquals(got, upTo(600));
  await publishing;
  await reader[Symbol.asyncDispose]();
});

Deno.test("The service gives a reader that reads again everything, once and in order, and meanwhile delivers to others", async () => {
  await using service = await Running.started();
  await using slow = await EventReader.unread(service.port, ALEXANDER);
  const { tab: fast } = await Tab.open(service.port, ALEXANDER);
  await areLive(service, 2);
  await notifyLarge(service, 400);
  assertEquals(numbersIn(await fast.data(400)), upTo(400));
  await slow.welcome();
  assertEquals(numbersIn(await slow.data(400)), upTo(400));
});

Deno.test("The service closes a stuck reader with 4200, forgets it at once, and resumes it where it stood", async () => {
  await using service = await Running.started({ TIDINGS_MAX_CONNECTIONS: "1" }, { stalledAfterMs: 50 });
  await using stuck = await EventReader.unread(service.port, ALEXANDER);
  const count = await notifyUntilBehind(service);
  await service.holds(0);
  await assertRejects(() => EventReader.open(service.port, ALEXANDER), Error, "this node is full");
  await stuck.welcome();
  const numbers = numbersIn(await stuck.data(count));
  assertEquals(stuck.close?.code, 4200);
  assertLess(numbers.length, count);
  assertEquals(numbers, upTo(numbers.length));
  await service.hasRoom();
  await using again = await EventReader.open(service.port, { ...ALEXANDER, after: stuck.lastId ?? "" });
  assertEquals((await again.welcome()).recovered, true);
  assertEquals(numbersIn(await again.data(count - numbers.length)), upTo(count).slice(numbers.length));
});

Deno.test("The service forgets readers that vanish while nothing is sent to them, and has room for others", async () => {
  await using service = await Running.started({ TIDINGS_MAX_CONNECTIONS: "1" });
  for (const open of [EventReader.open, EventReader.unread]) {
    const reader = await open(service.port, ALEXANDER);
    await reader.welcome();
    await service.holds(1);
    await reader[Symbol.asyncDispose]();
    await service.holds(0);
    await service.hasRoom();
  }
});

Deno.test("The service forgets many readers that vanish while they are written to", async () => {
  await using service = await Running.started({ TIDINGS_MAX_CONNECTIONS: "100" });
  for (let round = 0; round < 3; round++) {
    const readers = await Promise.all(
      Array.from({ length: 100 }, () => EventReader.unread(service.port, ALEXANDER)),
    );
    const notifying = service.notify(Array(50).fill({ ...ALEXANDER, data: "x".repeat(10_000) }));
    for (const reader of readers) await reader[Symbol.asyncDispose]();
    await notifying;
    await service.holds(0);
    await service.hasRoom();
  }
});

Deno.test("The service, when it stops, delivers what was accepted and then says 1012", async () => {
  await using service = await Running.started({ TIDINGS_OUTBOX_BYTES: "1000", TIDINGS_DRAIN_SECONDS: "60" });
  const readers = await Promise.all(
    Array.from({ length: 20 }, () => EventReader.open(service.port, ALEXANDER)),
  );
  for (const reader of readers) await reader.welcome();
  await service.notify(upTo(1_000).map((data) => ({ ...ALEXANDER, data })));
  await service.stop();
  for (const reader of readers) {
    assertEquals(await reader.data(1_001), upTo(1_000));
    assertEquals(reader.close?.code, 1012);
  }
});

Deno.test("The service says 1012 to readers that leave at that very moment, which is no failure", async () => {
  for (let round = 0; round < 5; round++) {
    await using service = await Running.started();
    const readers = await Promise.all(
      Array.from({ length: 50 }, () => EventReader.unread(service.port, ALEXANDER)),
    );
    await service.holds(50);
    const stopping = service.stop();
    for (const reader of readers) await reader[Symbol.asyncDispose]();
    await stopping;
  }
});

Deno.test("The process ends with 0 in time although a reader does not read", async () => {
  await using service = await ServiceProcess.started({ TIDINGS_DRAIN_SECONDS: "1" });
  await using unread = await EventReader.unread(service.port, ALEXANDER);
  await unread.welcome();
  await notifyLarge(service, 200);
  service.signal("SIGTERM");
  assertEquals(await service.ended(), 0);
});

Deno.test("The service stops in time although a reader that it has closed does not read", async () => {
  await using service = await Running.started({ TIDINGS_DRAIN_SECONDS: "2" }, { stalledAfterMs: 50 });
  await using _closed = await EventReader.unread(service.port, ALEXANDER);
  await service.holds(1);
  await notifyLarge(service, 200);
  await service.holds(0);
  await service.stop();
});

Deno.test("The service says 4201 when the token expires, and resumes with a fresh one", async () => {
  const secret = "a secret of thirty-two bytes, or so", key = "publisher-key";
  const clock = { now: Date.now() };
  await using service = await Running.started(
    { TIDINGS_TOKEN_SECRET: secret, TIDINGS_PUBLISHER_KEYS: key },
    { expiryCheckMs: 10 },
    () => clock.now,
  );
  function sign(seconds: number): Promise<string> {
    const now = Date.now() / 1000;
    return new SignJWT({ sub: "alexander", iat: now, exp: now + seconds })
      .setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));
  }
  const reader = await EventReader.open(service.port, { access_token: await sign(60) });
  await reader.welcome();
  clock.now += 120_000;
  assertEquals(await reader.messages(), null);
  assertEquals(reader.close?.code, 4201);
  await service.holds(0);
  await service.notify({ ...ALEXANDER, data: "meanwhile" }, { authorization: `Bearer ${key}` });
  const headers = { authorization: `Bearer ${await sign(3_600)}`, "last-event-id": reader.lastId ?? "" };
  await using fresh = await EventReader.open(service.port, {}, headers);
  await fresh.welcome();
  assertEquals(await fresh.data(1), ["meanwhile"]);
});

/** Posts messages beside a connection, and says with which status that was answered. */
async function post(
  service: { readonly url: string },
  connection: string,
  messages: unknown,
): Promise<number> {
  const response = await fetch(`${service.url}/v1/received?target=alexander`, {
    method: "POST",
    body: JSON.stringify({ connection, messages }),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("The service takes what a tab posts for its own connection, of either transport, up to the allowance", async () => {
  await using service = await Running.started();
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const { connection: events } = await reader.welcome();
  const { tab, welcome: { connection: socket } } = await Tab.open(service.port, ALEXANDER);
  const { welcome: { connection: burrs } } = await Tab.open(service.port, { target: "burr" });
  const ack = [{ type: "ack", ids: ["a"] }];
  /** Posts all that the connection may send by now, and says how the next one is answered. */
  async function exhausted(connection: string): Promise<number> {
    let answer = 204;
    while (answer === 204) answer = await post(service, connection, ack);
    return answer;
  }
  for (const connection of [events, socket]) {
    assertEquals(await post(service, connection, ack), 204);
    assertEquals(await exhausted(connection), 429);
  }
  for (const connection of [burrs, "nobody"]) assertEquals(await post(service, connection, ack), 404);
  let isClosed = false;
  for (let frames = 0; !isClosed; frames++) {
    assertLess(frames, 50, "the allowance is one for both ways");
    assertEquals(await exhausted(socket), 429);
    tab.send("no JSON"); // is answered if it may be sent again by now
    isClosed = await tab.next().then(() => false, () => true);
  }
  assertEquals((await tab.closed).code, 4101);
  await reader[Symbol.asyncDispose]();
  await service.holds(1);
  assertEquals(await post(service, events, ack), 404);
});

Deno.test("The service takes nothing of a post that does not fit into the channel", async () => {
  await using service = await Running.started({}, { received: 1 });
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const { connection } = await reader.welcome();
  const message = { type: "message", data: 1 };
  assertEquals(await post(service, connection, [message, message]), 503);
  assertEquals(await post(service, connection, [message]), 204);
});

Deno.test("The service reports an ack that was posted, and logs a message", async () => {
  await using service = await ServiceProcess.started();
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const { connection } = await reader.welcome();
  await service.notify({ ...ALEXANDER, id: "hello", data: 1 });
  await reader.data(1);
  const report = async () => await (await fetch(`${service.url}/v1/notifications/hello`)).json();
  assertEquals((await report()).acked, 0);
  const messages = [{ type: "ack", ids: ["hello"] }, { type: "message", data: "thanks" }];
  assertEquals(await post(service, connection, messages), 204);
  while ((await report()).acked !== 1) await soon();
  while (!/received .*alexander/.test(service.output)) await soon();
});

const READERS = 300;
const FLOOD = 80; // of 60 kB each: 4.8 MB a reader, of which the kernel takes 4
const MAX_BYTES_PER_READER = 10 * 64 * 1024; // of the process; measured: 4 to 7 frames

/** Reads all that the flood brought; comes back if it was taken for stuck, before it was its turn. */
async function floodOf(first: EventReader, service: ServiceProcess): Promise<number[]> {
  const numbers: number[] = [];
  for (let reader = first;;) {
    await reader.welcome();
    numbers.push(...numbersIn(await reader.data(FLOOD - numbers.length)));
    await reader[Symbol.asyncDispose]();
    if (numbers.length >= FLOOD) return numbers;
    assertEquals(reader.close?.code, 4200);
    reader = await EventReader.unread(service.port, { ...ALEXANDER, after: reader.lastId ?? "" });
  }
}

Deno.test({
  name:
    "The service holds 300 readers that never read in bounded memory, and they get everything when they do",
  ignore: Deno.build.os !== "linux", // where else is the resident memory of another process?
  async fn() {
    await using service = await ServiceProcess.started();
    const before = await service.memory();
    const readers = await Promise.all(
      Array.from({ length: READERS }, () => EventReader.unread(service.port, ALEXANDER)),
    );
    await areLive(service, READERS);
    await notifyLarge(service, FLOOD);
    await using fast = await EventReader.open(service.port, { target: "burr" });
    await fast.welcome();
    await service.notify({ target: "burr", data: "not held up" });
    assertEquals(await fast.data(1), ["not held up"]);
    assertLess(await service.memory() - before, READERS * MAX_BYTES_PER_READER);
    for (const reader of readers) assertEquals(await floodOf(reader, service), upTo(FLOOD));
  },
});
