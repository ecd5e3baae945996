/** Tests signatureHeaders against the reference library of Standard Webhooks. */

import { assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { signatureHeaders } from "../../../src/processor/webhook/signature.ts";

const NOW = Date.parse("2026-01-01T00:00:00.999Z");
const SECRET = new Uint8Array(24).fill(7);
const MESSAGE = { id: "msg_1", body: '{"data":"Größe 🎩"}' };

Deno.test("signatureHeaders pass the verification of the reference library", () => {
  using _ = new FakeTime(NOW);
  const headers = signatureHeaders(MESSAGE, { secrets: [SECRET], now: NOW });
  const webhook = new Webhook(`whsec_${SECRET.toBase64()}`);
  assertEquals(webhook.verify(MESSAGE.body, headers), { data: "Größe 🎩" });
  for (
    const [body, changed] of [
      ["{}", headers],
      [MESSAGE.body, { ...headers, "webhook-id": "msg_2" }],
      [MESSAGE.body, { ...headers, "webhook-timestamp": "1767225601" }],
    ] as const
  ) assertThrows(() => webhook.verify(body, changed), WebhookVerificationError);
});

Deno.test("signatureHeaders pass the verification with each of several secrets, and with no other", () => {
  using _ = new FakeTime(NOW);
  const [current, old, other] = [1, 2, 3].map((byte) => new Uint8Array(24).fill(byte)) as [
    ...[Uint8Array, Uint8Array, Uint8Array],
  ];
  const headers = signatureHeaders(MESSAGE, { secrets: [current, old], now: NOW });
  assertEquals(headers["webhook-signature"]?.split(" ").length, 2);
  for (const secret of [current, old]) {
    new Webhook(`whsec_${secret.toBase64()}`).verify(MESSAGE.body, headers);
  }
  const webhook = new Webhook(`whsec_${other.toBase64()}`);
  assertThrows(() => webhook.verify(MESSAGE.body, headers), WebhookVerificationError);
});

Deno.test("signatureHeaders contain the unchanged id, and the time in whole seconds, rounded down", () => {
  const { "webhook-signature": signature, ...headers } = signatureHeaders(MESSAGE, {
    secrets: [SECRET],
    now: NOW,
  });
  assertEquals(headers, { "webhook-id": "msg_1", "webhook-timestamp": "1767225600" });
  assertEquals(signature?.slice(0, 3), "v1,");
});
