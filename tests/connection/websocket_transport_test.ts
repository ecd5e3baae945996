/** Tests that the oddities of Deno's server WebSocket reach no listener. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { CLOSE } from "../../src/wire/close_codes.ts";
import type { TransportListener } from "../../src/connection/transport.ts";
import { WebSocketTransport } from "../../src/connection/websocket_transport.ts";

/** The part of a server WebSocket that the transport uses. Tests dispatch its events. */
class TestSocket extends EventTarget {
  readyState: number = WebSocket.OPEN;
  bufferedAmount = 0;
  binaryType = "blob";
  readonly calls: string[] = [];
  /** The types of events that somebody listens for. */
  readonly heard = new Set<string>();

  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.heard.add(args[0]);
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget["removeEventListener"]>): void {
    this.heard.delete(args[0]);
    super.removeEventListener(...args);
  }

  send(frame: string): void {
    this.calls.push(`send ${frame}`);
  }
  close(code: number, reason: string): void {
    this.calls.push(`close ${code} ${reason}`);
    this.readyState = WebSocket.CLOSING;
  }
}

function setUp(throwing?: keyof TransportListener) {
  const socket = new TestSocket();
  const events: string[] = [];
  function record(event: keyof TransportListener): (detail?: unknown) => void {
    return (detail = "") => {
      events.push(`${event} ${detail}`.trim());
      if (event === throwing) throw new Error(`${event} is broken`);
    };
  }
  const transport = new WebSocketTransport(socket as unknown as WebSocket, {
    onOpen: record("onOpen"),
    onFrame: record("onFrame"),
    onClose: record("onClose"),
    onError: record("onError"),
  });
  return { socket, transport, events };
}

Deno.test("WebSocketTransport notifies its listener of the events of the socket", () => {
  const { socket, transport, events } = setUp();
  socket.dispatchEvent(new Event("open"));
  socket.dispatchEvent(new MessageEvent("message", { data: "hello" }));
  transport.send("[]");
  transport.close(CLOSE.restart);
  socket.dispatchEvent(new CloseEvent("close"));
  assertEquals(events, ["onOpen", "onFrame hello", "onClose"]);
  assertEquals(socket.calls, ["send []", `close 1012 ${CLOSE.restart.reason}`]);
  assertEquals(socket.binaryType, "arraybuffer");
});

Deno.test("WebSocketTransport calls onClose once, although the socket dispatches close twice and errors too", () => {
  const { socket, events } = setUp();
  for (const type of ["error", "close", "error", "close", "open"]) socket.dispatchEvent(new Event(type));
  assertEquals(events, ["onClose"]);
});

Deno.test("WebSocketTransport listens no more after a close, so that what keeps the socket does not keep its listener", () => {
  const { socket } = setUp();
  assertEquals([...socket.heard].toSorted(), ["close", "message", "open"]);
  socket.dispatchEvent(new Event("close"));
  assertEquals([...socket.heard], []);
});

Deno.test("WebSocketTransport passes on no frame that arrives after it was closed", () => {
  const { socket, transport, events } = setUp();
  transport.close(CLOSE.restart);
  socket.dispatchEvent(new MessageEvent("message", { data: "late" }));
  assertEquals([transport.open, events], [false, []]);
});

const PAUSED = [
  "tooBig",
  "protocolViolation",
  "tooManyFrames",
  "tooMuchUnanswered",
  "publishersRestart",
] as const;
for (const close of PAUSED.map((name) => CLOSE[name])) {
  Deno.test(`WebSocketTransport closes with ${close.code} when nothing more comes, because Deno drops a closed peer that sends`, () => {
    using time = new FakeTime();
    const { socket, transport, events } = setUp();
    transport.close(close);
    for (let ms = 0; ms < 300; ms += 30) {
      socket.dispatchEvent(new MessageEvent("message", { data: "late" }));
      time.tick(30);
    }
    assertEquals([transport.open, events, socket.calls], [false, [], []]);
    time.tick(100);
    assertEquals(socket.calls, [`close ${close.code} ${close.reason}`]);
    time.tick(5_000);
    assertEquals(socket.calls.length, 1);
  });
}

Deno.test("WebSocketTransport closes a peer that never stops sending after half a second, or after 4 MiB", () => {
  for (const [data, ms] of [["a frame", 500], [new ArrayBuffer(5 * 1024 * 1024), 50]] as const) {
    using time = new FakeTime();
    const { socket, transport } = setUp();
    transport.close(CLOSE.protocolViolation);
    for (let passed = 0; passed < ms; passed += 10) {
      assertEquals(socket.calls, []);
      socket.dispatchEvent(new MessageEvent("message", { data }));
      time.tick(10);
    }
    assertEquals(socket.calls.length, 1);
  }
});

Deno.test("WebSocketTransport closes nothing any more if the peer leaves while it is heard out", () => {
  using time = new FakeTime();
  const { socket, transport, events } = setUp();
  transport.close(CLOSE.tooManyFrames);
  socket.dispatchEvent(new CloseEvent("close"));
  time.tick(5_000);
  assertEquals([events, socket.calls], [["onClose"], []]);
});

for (const [event, type] of [["onOpen", "open"], ["onFrame", "message"], ["onClose", "close"]] as const) {
  Deno.test(`WebSocketTransport catches what ${event} throws, which would end the process`, () => {
    const { socket, events } = setUp(event);
    socket.dispatchEvent(type === "message" ? new MessageEvent(type, { data: "" }) : new Event(type));
    assertEquals(events, [event, `onError Error: ${event} is broken`]);
  });
}
