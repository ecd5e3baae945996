/** Tests of Line against a server of Deno. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { frameOf, Line } from "./line.ts";

/** A server that repeats what it hears. `closed` resolves with how the server saw the end of a connection. */
function serve():
  & { port: number; closed: Promise<CloseEvent>; socket: Promise<WebSocket> }
  & AsyncDisposable {
  const closed = Promise.withResolvers<CloseEvent>(), opened = Promise.withResolvers<WebSocket>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (new URL(request.url).pathname !== "/connect") return new Response("no", { status: 404 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    socket.onclose = closed.resolve;
    opened.resolve(socket);
    return response;
  });
  return {
    port: server.addr.port,
    closed: closed.promise,
    socket: opened.promise,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("Line says and hears texts of every length", async () => {
  await using server = serve();
  const texts = ["", "é", "x".repeat(125), "x".repeat(126), "x".repeat(60_000)];
  const heard: string[] = [], all = Promise.withResolvers<void>();
  const line = new Line({
    port: server.port,
    path: "/connect",
    onOpen: () => texts.forEach((text) => line.say(text)),
    onText: (text) => {
      heard.push(text);
      if (heard.length === texts.length) all.resolve();
    },
  });
  const running = line.run();
  await all.promise;
  line.destroy();
  assertEquals(await running, null);
  assertEquals(heard, texts);
});

Deno.test("Line.destroy ends the connection without a close frame", async () => {
  await using server = serve();
  const line: Line = new Line({
    port: server.port,
    path: "/connect",
    onOpen: () => line.destroy(),
    onText: () => {},
  });
  assertEquals(await line.run(), null);
  const { wasClean } = await server.closed;
  assertEquals(wasClean, false);
});

Deno.test("Line.run resolves with an error if the server closes, or refuses", async () => {
  await using server = serve();
  const options = { port: server.port, onOpen: () => {}, onText: () => {} };
  const closing = new Line({ ...options, path: "/connect" }).run();
  (await server.socket).addEventListener("open", (event) => {
    if (event.target instanceof WebSocket) event.target.close();
  });
  assert(await closing instanceof Error);
  assert(await new Line({ ...options, path: "/elsewhere" }).run() instanceof Error);
});

Deno.test("Line that is destroyed while it connects opens nothing", async () => {
  await using server = serve();
  const opened: string[] = [];
  const line = new Line({
    port: server.port,
    path: "/connect",
    onOpen: () => opened.push("opened"),
    onText: () => {},
  });
  const running = line.run();
  line.destroy();
  assertEquals([await running, opened], [null, []]);
});

Deno.test("frameOf refuses what needs a length of eight bytes", () => {
  assertThrows(() => frameOf(new Uint8Array(65_536)), RangeError, "65536 bytes are too many");
});
