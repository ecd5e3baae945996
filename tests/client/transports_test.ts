/** The transports over a WebSocket and over Server-Sent Events. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
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
  const frames: string[] = [];
  let onArrival = () => {};
  return {
    frames,
    deps: {
      address: parseAddress(`http://127.0.0.1:${server.addr.port}`, undefined),
      token: undefined,
      after: null,
      onFrame: (frame: string) => {
        frames.push(frame);
        onArrival();
      },
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

Deno.test("SseClientTransport ends when nothing arrives for 45 seconds: the server writes every 15", async () => {
  using time = new FakeTime();
  let write = (_: string) => {};
  await using server = serve(() => {
    const { readable, writable } = new TextEncoderStream();
    const writer = writable.getWriter();
    write = (text) => void writer.write(text).catch(() => {}); // the reader is gone
    write('data: ["welcome"]\n\n');
    return new Response(readable);
  });
  const welcome = server.arrival();
  const transport = new SseClientTransport(server.deps);
  await welcome;
  time.tick(44_000);
  const next = server.arrival();
  write('data: ["more"]\n\n');
  await next;
  await nextTurn(); // the transport waits again
  time.tick(44_999);
  assertEquals(await hasEnded(transport), false);
  time.tick(1);
  assertStringIncludes((await transport.ended).reason, "nothing comes");
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
  await using server = serve((request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "tidings.v1" });
    socket.onopen = () => socket.send("[]");
    return response;
  });
  const welcome = server.arrival();
  const transport = new WebSocketClientTransport(server.deps);
  await welcome;
  assertEquals(await transport.send(['"hello"']), 0);
  transport.close();
  assert(await transport.send(['"hello"']) > 0);
  await transport.closed;
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
  const slow = transport.send(['"slow"'], "c");
  await transport.send(['"quick"'], "c");
  let isClosed = false;
  const closed = transport.closed.then(() => isClosed = true);
  await nextTurn();
  assertEquals(isClosed, false);
  answer.resolve();
  await Promise.all([slow, closed]);
});
