/** Lines: what comes over a WebSocket and over Server-Sent Events, and what if nothing does. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import * as fc from "fast-check";
import { addressOf } from "../../src/client/address.ts";
import { SseClientTransport } from "../../src/client/sse_transport.ts";
import type { ClientTransport } from "../../src/client/transport.ts";
import { WebSocketClientTransport } from "../../src/client/websocket_transport.ts";
import { nextTurn } from "../../src/async/next_turn.ts";

/** A server, and what a line to it is opened with. */
function serving(answer: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const frames: string[] = [];
  let came = () => {};
  return {
    frames,
    parts: {
      address: addressOf(`http://127.0.0.1:${server.addr.port}`, undefined),
      token: undefined,
      after: null,
      take: (frame: string) => {
        frames.push(frame);
        came();
      },
    },
    arrival: () => new Promise<void>((resolve) => came = resolve),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const text = fc.string({ unit: "binary" });

Deno.test("EventsLine takes the frames as they were sent, however the network cuts them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 5 }), fc.array(fc.nat({ max: 40 })), async (data, cuts) => {
      const frames = data.map((one) => JSON.stringify([one]));
      const close = JSON.stringify({ code: 4003, reason: "bye" });
      const all = "retry: 1000\n\n" + frames.map((frame, n) =>
        `id: p${n}\ndata: ${frame}\n\n:\n\n`
      ).join("") +
        `event: close\ndata: ${close}\n\n`;
      const bytes = new TextEncoder().encode(all);
      await using server = serving(() => new Response(ReadableStream.from(cutAt(bytes, cuts))));
      const line = new SseClientTransport(server.parts);
      assertEquals(await line.ended, { code: 4003, reason: "4003: bye" });
      assertEquals(server.frames, frames);
      await line.gone;
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

Deno.test("EventsLine ends when nothing comes for 45 seconds, though the server says something every 15", async () => {
  using time = new FakeTime();
  let write = (_: string) => {};
  await using server = serving(() => {
    const { readable, writable } = new TextEncoderStream();
    const writer = writable.getWriter();
    write = (text) => void writer.write(text).catch(() => {}); // the reader has gone
    write('data: ["welcome"]\n\n');
    return new Response(readable);
  });
  const welcome = server.arrival();
  const line = new SseClientTransport(server.parts);
  await welcome;
  time.tick(44_000);
  const next = server.arrival();
  write('data: ["more"]\n\n');
  await next;
  await nextTurn(); // it goes on to wait
  time.tick(44_999);
  assertEquals(await isOver(line), false);
  time.tick(1);
  assertStringIncludes((await line.ended).reason, "nothing comes");
});

for (const Transport of [WebSocketClientTransport, SseClientTransport]) {
  Deno.test(`${Transport.name} ends when there is no welcome for 10 seconds`, async () => {
    using time = new FakeTime();
    const asked = Promise.withResolvers<void>(), answered = Promise.withResolvers<Response>();
    await using server = serving(() => {
      asked.resolve();
      return answered.promise;
    });
    const line = new Transport(server.parts);
    await asked.promise;
    time.tick(9_999);
    assertEquals(await isOver(line), false);
    time.tick(1);
    assertStringIncludes((await line.ended).reason, "nothing comes");
    assertEquals(line.worked, false);
    answered.resolve(new Response());
    await line.gone;
  });
}

Deno.test("SocketLine takes nothing more when its socket is closing, for that would be dropped", async () => {
  await using server = serving((request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "tidings.v1" });
    socket.onopen = () => socket.send("[]");
    return response;
  });
  const welcome = server.arrival();
  const line = new WebSocketClientTransport(server.parts);
  await welcome;
  assertEquals(await line.send(['"hello"']), 0);
  line.close();
  assert(await line.send(['"hello"']) > 0);
  await line.gone;
});

async function isOver(line: ClientTransport): Promise<boolean> {
  let isOver = false;
  line.ended.then(() => isOver = true);
  await nextTurn();
  return isOver;
}

Deno.test("EventsLine is gone when all that it has posted is answered, not only the last", async () => {
  const answer = Promise.withResolvers<void>();
  await using server = serving(async (request) => {
    if (request.method === "GET") return new Response("");
    if ((await request.text()).includes("slow")) await answer.promise;
    return new Response(null, { status: 204 });
  });
  const line = new SseClientTransport(server.parts);
  await line.ended;
  const slow = line.send(['"slow"'], "c");
  await line.send(['"quick"'], "c");
  let isGone = false;
  const gone = line.gone.then(() => isGone = true);
  await nextTurn();
  assertEquals(isGone, false);
  answer.resolve();
  await Promise.all([slow, gone]);
});
