/** Attendance: what is told of a connection while it is there, and that it is nothing when it is not. */

import { assertEquals } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import { Admission } from "../../src/connection/admission.ts";
import { ConnectionSlots } from "../../src/connection/connection_slots.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { Session } from "../../src/connection/session.ts";
import { DrainPoller } from "../../src/connection/drain_poller.ts";
import { ExpiryWheel } from "../../src/connection/expiry_wheel.ts";
import { createFrameEncoder } from "../../src/connection/framing.ts";
import { UnavailableError } from "../../src/journal/journal.ts";
import type { Transport } from "../../src/connection/transport.ts";

/** A line that takes everything, and drains when a test says so. */
class TestLine implements Transport {
  readonly transport = "websocket";
  open = true;
  buffered = 0;
  readonly closes: Close[] = [];

  send(): void {}

  close(close: Close): void {
    this.closes.push(close);
  }
}

function bench() {
  const journal = { follow: () => Promise.resolve(), unfollow() {} };
  const nodes = { present() {}, elsewhere: () => 0 };
  const limits = { maxConnections: 1, maxConnectionsPerTarget: 1, lingerMs: 0 };
  const admission = new Admission(
    { journal, nodes, slots: new ConnectionSlots(limits.maxConnections) },
    limits,
  );
  const line = new TestLine(), told: unknown[] = [];
  const registrations = new Channel<Connection>(1), deregistrations = new Channel<Connection>(1);
  const drains = new DrainPoller({ everyMs: 1, stuckAfterMs: 30_000 });
  const admitted = {
    target: "alexander",
    after: null,
    expiresAt: null,
    slot: admission.reserve("alexander"),
  };
  const attendance = new Session(() => line, admitted, {
    registrations,
    deregistrations,
    inbox: { take: () => true },
    journal: { read: () => Promise.resolve({ entries: [], next: "0", more: false, complete: true }) },
    drains,
    expiries: new ExpiryWheel({ everyMs: 1_000 }),
    frameOf: createFrameEncoder(),
    deliveries: {
      sent: (notifications, { id }) => void told.push([notifications.map(({ id }) => id), id]),
      left: ({ id, target }, close) => void told.push(["left", id, target, close?.code ?? null]),
    },
    fellBehind: () => void told.push("fell behind"),
    outboxBytes: 1_000_000,
    report: (error) => void told.push(error),
  });
  function offer(id: string): void {
    attendance.outbox.offer({ id, target: "alexander", position: id, text: `"${id}"`, bytes: 3 });
    attendance.pump.flush();
  }
  function end(): void {
    attendance.gone();
    drains.close();
    admission.close();
  }
  return { attendance, line, told, offer, end, deregistrations };
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
}

Deno.test("Attendance tells what a connection is sent, and once that it has left", async () => {
  const { attendance, told, offer, end, deregistrations } = bench();
  attendance.opened();
  await settle();
  offer("1");
  attendance.end(CLOSE.disconnected);
  attendance.end(CLOSE.restart);
  end();
  assertEquals(told, [[["1"], attendance.id], ["left", attendance.id, "alexander", 4003]]);
  assertEquals(deregistrations.drain(), [attendance]);
});

Deno.test("Attendance tells nothing of what is still in the pipeline when the connection ends", async () => {
  const { attendance, line, told, offer, end } = bench();
  attendance.opened();
  await settle();
  line.buffered = 100_000;
  offer("1");
  await settle();
  attendance.end(CLOSE.stuck);
  line.buffered = 0; // as it is of a socket that is not open
  while (attendance.pump.reached !== "1") await settle(); // the pump hands it to a line that takes no notice
  end();
  assertEquals(told, [["left", attendance.id, "alexander", 4200]]);
});

Deno.test("Attendance tells of a connection that leaves before it is opened", () => {
  const { attendance, told, end } = bench();
  end();
  assertEquals(told, [["left", attendance.id, "alexander", null]]);
});

Deno.test("Attendance tells that a live connection fell behind", async () => {
  const { attendance, told, end } = bench();
  attendance.outbox.fallBehind();
  attendance.opened();
  await settle();
  attendance.outbox.fallBehind();
  assertEquals(told, ["fell behind"]);
  end();
});

Deno.test("Session closes with 4100 when the journal is unavailable, and with 1011 at any other failure", () => {
  for (const [failure, code] of [[new UnavailableError("away"), 4100], [new Error("a bug"), 1011]] as const) {
    const { attendance, line, told, end } = bench();
    attendance.failed(failure);
    end();
    assertEquals(line.closes.map((close) => close.code), [code]);
    assertEquals(told, [failure, ["left", attendance.id, "alexander", code]]);
  }
});
