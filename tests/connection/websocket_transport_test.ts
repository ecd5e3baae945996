/** SocketStream: what Deno's sockets do that would harm a server, and that it does no harm. */

import { assertEquals } from "@std/assert";
import { CLOSE } from "../../src/wire/close_codes.ts";
import type { TransportEvents } from "../../src/connection/transport.ts";
import { WebSocketTransport } from "../../src/connection/websocket_transport.ts";

/** As much of a server WebSocket as matters, with events that a test makes. */
class TestSocket extends EventTarget {
  readyState: number = WebSocket.OPEN;
  bufferedAmount = 0;
  binaryType = "blob";
  readonly calls: string[] = [];

  send(frame: string): void {
    this.calls.push(`send ${frame}`);
  }
  close(code: number, reason: string): void {
    this.calls.push(`close ${code} ${reason}`);
    this.readyState = WebSocket.CLOSING;
  }
}

function bench(throwing?: keyof TransportEvents) {
  const socket = new TestSocket();
  const events: string[] = [];
  function note(event: keyof TransportEvents): (detail?: unknown) => void {
    return (detail = "") => {
      events.push(`${event} ${detail}`.trim());
      if (event === throwing) throw new Error(`${event} is broken`);
    };
  }
  const stream = new WebSocketTransport(socket as unknown as WebSocket, {
    opened: note("opened"),
    received: note("received"),
    gone: note("gone"),
    failed: note("failed"),
  });
  return { socket, stream, events };
}

Deno.test("SocketStream tells what happens to its socket", () => {
  const { socket, stream, events } = bench();
  socket.dispatchEvent(new Event("open"));
  socket.dispatchEvent(new MessageEvent("message", { data: "hello" }));
  stream.send("[]");
  stream.close(CLOSE.restart);
  socket.dispatchEvent(new CloseEvent("close"));
  assertEquals(events, ["opened", "received hello", "gone"]);
  assertEquals(socket.calls, ["send []", `close 1012 ${CLOSE.restart.reason}`]);
  assertEquals(socket.binaryType, "arraybuffer");
});

Deno.test("SocketStream says that it is gone once, though close comes twice and errors come too", () => {
  const { socket, events } = bench();
  for (const type of ["error", "close", "error", "close", "open"]) socket.dispatchEvent(new Event(type));
  assertEquals(events, ["gone"]);
});

Deno.test("SocketStream hands on no frame that comes after it was closed", () => {
  const { socket, stream, events } = bench();
  stream.close(CLOSE.restart);
  socket.dispatchEvent(new MessageEvent("message", { data: "late" }));
  assertEquals([stream.open, events], [false, []]);
});

for (const [event, type] of [["opened", "open"], ["received", "message"], ["gone", "close"]] as const) {
  Deno.test(`SocketStream catches what \`${event}\` throws, which would end the process`, () => {
    const { socket, events } = bench(event);
    socket.dispatchEvent(type === "message" ? new MessageEvent(type, { data: "" }) : new Event(type));
    assertEquals(events, [event, `failed Error: ${event} is broken`]);
  });
}
