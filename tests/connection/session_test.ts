/** Tests what a session reports of its connection, and that it reports nothing after the connection has ended. */

import { assertEquals } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { Admission } from "../../src/connection/admission.ts";
import { ConnectionSlots } from "../../src/connection/connection_slots.ts";
import { DrainPoller } from "../../src/connection/drain_poller.ts";
import { ExpiryWheel } from "../../src/connection/expiry_wheel.ts";
import { createFrameEncoder } from "../../src/connection/frame_encoding.ts";
import { Session } from "../../src/connection/session.ts";
import type { Transport } from "../../src/connection/transport.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { UnavailableError } from "../../src/journal/journal.ts";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import { eventually } from "../eventually.ts";

/** A transport that accepts everything. Tests set how much it buffers. */
class TestTransport implements Transport {
  readonly kind = "websocket";
  open = true;
  buffered = 0;
  readonly closes: Close[] = [];

  send(): void {}

  close(close: Close): void {
    this.closes.push(close);
  }
}

function setUp({ isRevoked = false } = {}) {
  const journal = { follow: () => Promise.resolve(), unfollow() {} };
  const nodes = { announce() {}, connectionsElsewhere: () => 0 };
  const slots = new ConnectionSlots(1);
  const admission = new Admission({ journal, nodes, slots }, { maxConnectionsPerTarget: 1, lingerMs: 0 });
  const transport = new TestTransport(), reported: unknown[] = [];
  const registrations = new Channel<Connection>(1), deregistrations = new Channel<Connection>(1);
  const drains = new DrainPoller({ everyMs: 1, stuckAfterMs: 30_000 });
  const admitted = {
    target: "alexander",
    jti: "1",
    issuedAt: 1,
    after: null,
    expiresAt: null,
    slot: admission.reserve("alexander"),
  };
  const session = new Session(() => transport, admitted, {
    registrations,
    deregistrations,
    inbox: { take: () => true },
    journal: { read: () => Promise.resolve({ entries: [], next: "0", more: false, complete: true }) },
    drains,
    expiries: new ExpiryWheel({ everyMs: 1_000 }),
    isRevoked: () => isRevoked,
    encodeFrame: createFrameEncoder(),
    deliveries: {
      onSent: (notifications, { id }) => void reported.push([notifications.map(({ id }) => id), id]),
      onEnd: ({ id, target }, close) => void reported.push(["ended", id, target, close?.code ?? null]),
    },
    onRefused: ({ kind }, { target }) => void reported.push(["refused", kind, target]),
    onFellBehind: () => void reported.push("fell behind"),
    outboxBytes: 1_000_000,
    report: (error) => void reported.push(error),
  });
  function offer(id: string): void {
    session.outbox.offer({ id, target: "alexander", position: id, text: `"${id}"`, bytes: 3 });
    session.pump.flush();
  }
  function tearDown(): void {
    session.onClose();
    drains.close();
    admission.close();
  }
  return { session, transport, reported, offer, tearDown, deregistrations, admission };
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
}

Deno.test("Session reports what its connection is sent, and once that it has ended", async () => {
  const { session, reported, offer, tearDown, deregistrations } = setUp();
  session.onOpen();
  await settle();
  offer("1");
  session.end(CLOSE.disconnected);
  session.end(CLOSE.restart);
  tearDown();
  assertEquals(reported, [[["1"], session.id], ["ended", session.id, "alexander", 4003]]);
  assertEquals(deregistrations.drain(), [session]);
});

Deno.test("Session ends with 4001 if its token was revoked after it was verified", async () => {
  const { session, transport, tearDown, deregistrations } = setUp({ isRevoked: true });
  session.onOpen();
  await settle();
  assertEquals(transport.closes, [CLOSE.tokenRevoked]);
  assertEquals(deregistrations.drain(), [session]);
  tearDown();
});

Deno.test("Session keeps its slot, of the node and of its target, until its transport is gone", async () => {
  const { session, tearDown, deregistrations, admission } = setUp();
  session.onOpen();
  await settle();
  session.end(CLOSE.disconnected);
  assertEquals(deregistrations.drain(), [session]);
  assertEquals([admission.slots.taken, admission.isFullFor("alexander")], [1, true]);
  session.onClose();
  assertEquals([admission.slots.taken, admission.isFullFor("alexander")], [0, false]);
  tearDown();
});

Deno.test("Session does not report what is still in the pipeline when the connection ends", async () => {
  const { session, transport, reported, offer, tearDown } = setUp();
  session.onOpen();
  await settle();
  transport.buffered = 100_000;
  offer("1");
  await settle();
  session.end(CLOSE.stuck);
  transport.buffered = 0; // a socket that is not open reports 0
  await eventually(() => session.pump.reached === "1", "the pipeline sends to the closed transport");
  tearDown();
  assertEquals(reported, [["ended", session.id, "alexander", 4200]]);
});

Deno.test("Session reports the end of a connection that leaves before it is open", () => {
  const { session, reported, tearDown } = setUp();
  tearDown();
  assertEquals(reported, [["ended", session.id, "alexander", null]]);
});

Deno.test("Session reports that a live connection fell behind", async () => {
  const { session, reported, tearDown } = setUp();
  session.outbox.fallBehind();
  session.onOpen();
  await settle();
  session.outbox.fallBehind();
  assertEquals(reported, ["fell behind"]);
  tearDown();
});

Deno.test("Session closes with 4100 when the journal is unavailable, and with 1011 at any other failure", () => {
  for (const [failure, code] of [[new UnavailableError("away"), 4100], [new Error("a bug"), 1011]] as const) {
    const { session, transport, reported, tearDown } = setUp();
    session.onError(failure);
    tearDown();
    assertEquals(transport.closes.map((close) => close.code), [code]);
    assertEquals(reported, [failure, ["ended", session.id, "alexander", code]]);
  }
});
