/** Tests toOutcome: what the answers of push services mean. */

import { assert, assertEquals } from "@std/assert";
import { toOutcome } from "../../src/push/push_outcome.ts";
import type { PushOutcome } from "../../src/push/push_sender.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const HOUR_MS = 60 * 60_000;

function outcomeOf(status: number, headers: HeadersInit = {}): PushOutcome {
  const answer = { ok: status >= 200 && status < 300, status, headers: new Headers(headers) };
  return toOutcome(answer, { service: "fcm.googleapis.com", now: NOW });
}

Deno.test("toOutcome takes every 2xx for sent, and 404 and 410 for the end of the subscription", () => {
  for (const status of [200, 201, 202, 204]) assertEquals(outcomeOf(status), { kind: "sent" });
  for (const status of [404, 410]) assertEquals(outcomeOf(status), { kind: "gone" });
});

for (const status of [301, 302, 303, 307, 308, 400, 401, 403, 405, 411, 413, 422]) {
  Deno.test(`toOutcome takes ${status} for a failure that names the service`, () => {
    const reason = `fcm.googleapis.com answered ${status}`;
    assertEquals(outcomeOf(status, { "retry-after": "5" }), { kind: "failed", reason });
  });
}

for (const status of [406, 408, 425, 429, 500, 502, 503, 504, 507, 599]) {
  Deno.test(`toOutcome takes ${status} for later, and reads Retry-After`, () => {
    assertEquals(outcomeOf(status), { kind: "later", afterMs: null });
    assertEquals(outcomeOf(status, { "retry-after": "soon" }), { kind: "later", afterMs: null });
    assertEquals(outcomeOf(status, { "retry-after": "0" }), { kind: "later", afterMs: 0 });
    assertEquals(outcomeOf(status, { "retry-after": "120" }), { kind: "later", afterMs: 120_000 });
    const inOneMinute = "Thu, 01 Jan 2026 00:01:00 GMT";
    assertEquals(outcomeOf(status, { "retry-after": inOneMinute }), { kind: "later", afterMs: 60_000 });
  });
}

Deno.test("toOutcome limits Retry-After to an hour", () => {
  for (const header of ["3601", "9".repeat(400), "Fri, 01 Jan 2027 00:00:00 GMT"]) {
    assertEquals(outcomeOf(503, { "retry-after": header }), { kind: "later", afterMs: HOUR_MS });
  }
});

Deno.test("toOutcome knows an outcome for every status", () => {
  for (let status = 200; status < 1000; status++) {
    assert(["sent", "gone", "later", "failed"].includes(outcomeOf(status).kind));
  }
});
