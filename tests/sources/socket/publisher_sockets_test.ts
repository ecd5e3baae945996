/** PublisherSockets: the slots of a node's publishers, and the end of all of them. */

import { assertEquals } from "@std/assert";
import { nextTurn } from "../../../src/async/next_turn.ts";
import { ConnectionSlots } from "../../../src/connection/connection_slots.ts";
import type { TransportListener } from "../../../src/connection/transport.ts";
import { PublisherSockets } from "../../../src/sources/socket/publisher_sockets.ts";
import { CLOSE, type Close } from "../../../src/wire/close_codes.ts";
import { toProblem } from "../../../src/wire/problem.ts";
import { testIntake } from "../test_intake.ts";

const SOCKET = new EventTarget() as WebSocket; // never used

function setUp(capacity: number) {
  const listeners: TransportListener[] = [], closes: Close[] = [], closed: (Close | null)[] = [];
  const slots = new ConnectionSlots(capacity);
  const append = () => new Promise<never>(() => {});
  const sockets = new PublisherSockets({
    intake: testIntake({ journal: { append, mark: append } }),
    slots,
    budget: { take: () => true, release() {} },
    turnOfLarge: () => Promise.resolve(),
    drained: () => Promise.resolve(),
    allowanceOf: () => null,
    isDraining: () => false,
    refuse: toProblem,
    report() {},
    onClosed: (close) => void closed.push(close),
    connect(_, listener) {
      listeners.push(listener);
      const close = (one: Close) => void closes.push(one);
      return { kind: "websocket", open: true, buffered: 0, send() {}, close };
    },
  });
  const open = () => {
    sockets.admit("key")?.attach(SOCKET);
    listeners.at(-1)?.onOpen();
  };
  return { sockets, slots, open, listeners, closes, closed };
}

Deno.test("PublisherSockets takes a slot for each socket until it is gone", () => {
  const { sockets, slots, open, listeners } = setUp(2);
  open();
  assertEquals([sockets.isFull, slots.taken], [false, 1]);
  open();
  assertEquals([sockets.isFull, slots.taken], [true, 2]);
  assertEquals([sockets.admit("key"), slots.taken], [null, 2]);
  listeners[0]?.onClose();
  listeners[0]?.onClose();
  assertEquals([sockets.isFull, slots.taken], [false, 1]);
});

Deno.test("PublisherSockets gives back the slot of an upgrade that fails", async () => {
  const { sockets, slots } = setUp(2);
  const admitted = sockets.admit("key");
  admitted?.release();
  admitted?.release();
  assertEquals(slots.taken, 0);
  await sockets.close();
});

Deno.test("PublisherSockets.close resolves when all sockets have ended, also those that never open", async () => {
  const { sockets, open, listeners, closes, closed } = setUp(10);
  open();
  open();
  sockets.admit("key")?.attach(SOCKET); // is being upgraded
  listeners[0]?.onFrame('{"target":"a","data":1}'); // is never accepted
  let isClosed = false;
  const closing = sockets.close().then(() => isClosed = true);
  await nextTurn();
  assertEquals([closes, isClosed], [[CLOSE.publishersRestart], false]);
  listeners[0]?.onClose();
  await closing;
  assertEquals(closed, [CLOSE.publishersRestart, CLOSE.publishersRestart, null]);
});

Deno.test("PublisherSockets.endAll closes all sockets at once", () => {
  const { sockets, open, listeners, closes, slots } = setUp(10);
  open();
  open();
  listeners[0]?.onFrame('{"target":"a","data":1}');
  sockets.endAll(CLOSE.overloaded);
  assertEquals([closes, slots.taken], [[CLOSE.overloaded, CLOSE.overloaded], 2]);
});
