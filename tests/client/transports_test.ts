/** The transports over a WebSocket and over Server-Sent Events. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import * as fc from "fast-check";
import { parseAddress } from "../../src/client/address.ts";
import { SseClientTransport } from "../../src/client/sse_transport.ts";
import type { ClientTransport } from "../../src/client/transport.ts";
import { WebSocketClientTransport } from "../../src/client/websocket_transport.ts";
import { nextTurn } from "../../src/async/next_turn.ts";

/** Starts a server, and returns it with what a transport to it needs. */
function serve(answer: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const frames: string[] = [], lost: string[] = [];
  let onArrival = () => {};
  return {
    frames,
    lost,
    deps: {
      address: parseAddress(`http://127.0.0.1:${server.addr.port}`, undefined),
      token: undefined,
      after: null,
      connectionId: () => "c",
      onFrame: (frame: string) => {
        frames.push(frame);
        onArrival();
      },
      onLost: (ack: string) => void lost.push(ack),
    },
    arrival: () => new Promise<void>((resolve) => onArrival = resolve),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const text = fc.string({ unit: "binary" });

Deno.test("SseClientTransport delivers the frames as they were sent, however the network splits them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 5 }), fc.array(fc.nat({ max: 40 })), async (data, cuts) => {
      const frames = data.map((one) => JSON.stringify([one]));
      const close = JSON.stringify({ code: 4003, reason: "bye" });
      const all = "retry: 1000\n\n" + frames.map((frame, n) =>
        `id: p${n}\ndata: ${frame}\n\n:\n\n`
      ).join("") +
        `event: close\ndata: ${close}\n\n`;
      const bytes = new TextEncoder().encode(all);
      await using server = serve(() => new Response(ReadableStream.from(cutAt(bytes, cuts))));
      const transport = new SseClientTransport(server.deps);
      assertEquals(await transport.ended, { code: 4003, reason: "4003: bye" });
      assertEquals(server.frames, frames);
      await transport.closed;
    }),
    { numRuns: 50 },
  );
});

function* cutAt(
  bytes: Uint8Array<ArrayBuffer>,
  lengths: readonly number[],
): Generator<Uint8Array<ArrayBuffer>> {
  let start = 0;
  for (const length of lengths) yield bytes.slice(start, start += length);
  yield bytes.slice(start);
}

Deno.test("SseClientTransport asks for a pong after 40 seconds of silence, and ends 6 seconds later without one", async () => {
  using time = new FakeTime();
  const posts: string[] = [];
  const posted = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let write = (_: string) => {};
  await using server = serve(async (request) => {
    if (request.method === "POST") {
      posts.push(await request.text());
      posted[posts.length - 1]?.resolve();
      return new Response(null, { status: 204 });
    }
    const { readable, writable } = new TextEncoderStream();
    const writer = writable.getWriter();
    write = (text) => void writer.write(text).catch(() => {}); // the reader is gone
    write('data: ["welcome"]\n\n');
    return new Response(readable);
  });
  const welcome = server.arrival();
  const transport = new SseClientTransport(server.deps);
  await welcome;
  await nextTurn(); // the transport waits again
  time.tick(40_000);
  await posted[0]?.promise;
  const pong = server.arrival();
  write('data: ["pong"]\n\n');
  await pong;
  await nextTurn();
  time.tick(39_999);
  assertEquals(posts.length, 1);
  time.tick(1);
  await posted[1]?.promise;
  time.tick(3_000);
  time.tick(2_999);
  assertEquals(await hasEnded(transport), false);
  time.tick(1);
  assertStringIncludes((await transport.ended).reason, "nothing comes");
  assertEquals(posts, Array(2).fill('{"connection":"c","messages":[{"type":"ping"}]}'));
  await transport.closed;
});

/** Until it is disposed of, nothing is random: the largest value always comes. */
function withoutChance(): Disposable {
  const { random } = Math;
  Math.random = () => 1;
  return { [Symbol.dispose]: () => void (Math.random = random) };
}

/** A WebSocket server, the frames that it received, and a transport that has had its welcome. */
async function setUpWebSocket() {
  const received: string[] = [];
  const waiting: (() => void)[] = [];
  let socket: WebSocket | undefined;
  const server = serve((request) => {
    if (request.method === "POST") return request.text().then(take);
    const { socket: accepted, response } = Deno.upgradeWebSocket(request, {
      protocol: "tidings.v1",
      idleTimeout: 0,
    });
    socket = accepted;
    accepted.onopen = () => accepted.send("[]");
    accepted.onmessage = ({ data }) => void take(data);
    return response;
  });
  function take(text: string): Response {
    received.push(text);
    for (const wake of waiting.splice(0)) wake();
    return new Response(null, { status: 204 });
  }
  const welcome = server.arrival();
  const transport = new WebSocketClientTransport(server.deps);
  await welcome;
  return {
    transport,
    received,
    lost: server.lost,
    async receive(count: number) {
      while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async deliver(frame: string) {
      const arrival = server.arrival();
      socket?.send(frame);
      await arrival;
    },
    async [Symbol.asyncDispose]() {
      transport.close();
      await transport.closed;
      await server[Symbol.asyncDispose]();
    },
  };
}

const PING = '[{"type":"ping"}]';

Deno.test("WebSocketClientTransport pings when nothing has arrived for 20 to 25 seconds, and ends 6 seconds later without an answer", async () => {
  using time = new FakeTime();
  using _ = withoutChance();
  await using line = await setUpWebSocket();
  const { transport, received } = line;
  time.tick(25_000);
  await line.receive(1);
  await line.deliver("[]");
  transport.onAnswer(0);
  time.tick(24_999);
  assertEquals(received.length, 1);
  time.tick(1);
  await line.receive(2);
  assertEquals(received, [PING, PING]);
  time.tick(3_000);
  time.tick(2_999);
  assertEquals(await hasEnded(transport), false);
  time.tick(1);
  assertStringIncludes((await transport.ended).reason, "nothing comes");
});

Deno.test("WebSocketClientTransport pings once when it is asked to check, and lives on whatever arrives", async () => {
  using time = new FakeTime();
  await using line = await setUpWebSocket();
  const { transport, received } = line;
  for (let n = 0; n < 5; n++) transport.watchdog.check();
  await line.receive(1);
  time.tick(3_000);
  time.tick(2_999);
  await line.deliver('["a large frame on a slow line"]');
  time.tick(19_999);
  assertEquals([await hasEnded(transport), received], [false, [PING]]);
});

Deno.test("WebSocketClientTransport gives a receipt for messages only when their pong has arrived", async () => {
  using _time = new FakeTime();
  await using line = await setUpWebSocket();
  const { transport } = line;
  const receipts: unknown[] = [];
  transport.watchdog.check();
  transport.send(['"one"', '"two"']).then((receipt) => receipts.push(receipt));
  await line.receive(2);
  transport.onAnswer(0); // that of the check, from before the messages
  await nextTurn();
  assertEquals(receipts, []);
  await line.receive(3);
  assertEquals(line.received, [PING, '["one","two"]', PING]);
  transport.onAnswer(0);
  await nextTurn();
  assertEquals(receipts, [0]);
  transport.send(['"three"']).then((receipt) => receipts.push(receipt));
  await line.receive(4);
  assertEquals(line.received[3], '["three",{"type":"ping"}]');
  transport.onAnswer(1_000);
  await nextTurn();
  transport.send(['"four"']).then((receipt) => receipts.push(receipt));
  transport.close();
  await nextTurn();
  assertEquals(receipts, [0, 1_000, undefined]);
});

Deno.test("WebSocketClientTransport asks for a pong after 20 acks, and posts what a dead connection took of them", async () => {
  using time = new FakeTime();
  using _ = withoutChance();
  await using line = await setUpWebSocket();
  const { transport } = line;
  for (let n = 1; n <= 21; n++) assertEquals(await transport.ack(`"${n}"`), 0);
  await line.receive(21);
  assertEquals(line.received.slice(19), ['["20"]', '["21",{"type":"ping"}]']);
  await line.deliver("[]");
  transport.onAnswer(0);
  transport.ack('"22"');
  await line.receive(22);
  time.tick(25_000);
  await line.receive(23);
  time.tick(6_000);
  await line.receive(24);
  assertEquals(line.received.slice(22), [PING, '{"connection":"c","messages":["22"]}']);
  assertEquals(line.lost, ['"22"'], "the others were confirmed");
});

Deno.test("WebSocketClientTransport gives back the acks that the server has no room for, or that a close may have cut off", async () => {
  await using line = await setUpWebSocket();
  const { transport } = line;
  transport.ack('"1"');
  transport.onAnswer(1_000);
  assertEquals(line.lost, ['"1"']);
  transport.ack('"2"');
  transport.close();
  assertEquals(line.lost, ['"1"', '"2"']);
  transport.ack('"3"');
  assertEquals(line.lost, ['"1"', '"2"', '"3"']);
});

for (const Transport of [WebSocketClientTransport, SseClientTransport]) {
  Deno.test(`${Transport.name} ends when no welcome arrives for 10 seconds`, async () => {
    using time = new FakeTime();
    const asked = Promise.withResolvers<void>(), answered = Promise.withResolvers<Response>();
    await using server = serve(() => {
      asked.resolve();
      return answered.promise;
    });
    const transport = new Transport(server.deps);
    await asked.promise;
    time.tick(9_999);
    assertEquals(await hasEnded(transport), false);
    time.tick(1);
    assertStringIncludes((await transport.ended).reason, "nothing comes");
    assertEquals(transport.hasOpened, false);
    answered.resolve(new Response());
    await transport.closed;
  });
}

Deno.test("WebSocketClientTransport accepts no message while its socket is closing, which would drop it", async () => {
  await using line = await setUpWebSocket();
  line.transport.close();
  assertEquals(await line.transport.send(['"hello"']), undefined);
  assertEquals(line.received, []);
});

Deno.test("WebSocketClientTransport ends with a WebSocket that fires an error and no close", async () => {
  const { WebSocket } = globalThis;
  class Polyfill {
    readyState = 0;
    onerror = () => {};
    constructor() {
      queueMicrotask(() => this.onerror());
    }
    close() {}
  }
  Object.assign(globalThis, { WebSocket: Polyfill });
  try {
    const address = parseAddress("http://127.0.0.1:9", undefined);
    const deps = {
      address,
      token: undefined,
      after: null,
      connectionId: () => "",
      onFrame() {},
      onLost() {},
    };
    const transport = new WebSocketClientTransport(deps);
    assertEquals((await transport.ended).code, 1006);
    await transport.closed;
  } finally {
    Object.assign(globalThis, { WebSocket });
  }
});

async function hasEnded(transport: ClientTransport): Promise<boolean> {
  let hasEnded = false;
  transport.ended.then(() => hasEnded = true);
  await nextTurn();
  return hasEnded;
}

Deno.test("SseClientTransport is closed when every post is answered, not only the last", async () => {
  const answer = Promise.withResolvers<void>();
  await using server = serve(async (request) => {
    if (request.method === "GET") return new Response("");
    if ((await request.text()).includes("slow")) await answer.promise;
    return new Response(null, { status: 204 });
  });
  const transport = new SseClientTransport(server.deps);
  await transport.ended;
  const slow = transport.send(['"slow"']);
  await transport.send(['"quick"']);
  let isClosed = false;
  const closed = transport.closed.then(() => isClosed = true);
  await nextTurn();
  assertEquals(isClosed, false);
  answer.resolve();
  await Promise.all([slow, closed]);
});
