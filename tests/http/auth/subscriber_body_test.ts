/** readSubscriberBody: tokens that are revoked while the body of a request arrives, on all routes that read one. */

import { assertEquals } from "@std/assert";
import type { Revocations } from "../../../src/revocation/revocations.ts";
import { assertProblem } from "../assert_problem.ts";
import { browserSubscription, createPushApp } from "../routes/push_app.ts";
import { signedToken } from "./signed_token.ts";

const BODIES = {
  "/v1/received": { connection: "tablet", messages: [{ type: "ack", ids: ["a"] }] },
  "/v1/push/subscriptions": browserSubscription(),
};

/** The revocation of a token that becomes known after the token was looked at so often. */
function revokedAfter(looks: number): Revocations {
  return {
    add: () => Promise.reject(new Error("it is a test")),
    isRevoked: () => looks-- <= 0,
    isCurrent: true,
    stats: () => ({ kept: 0, bytes: 0, maxBytes: 0 }),
    close: () => Promise.resolve(),
  };
}

for (const [path, body] of Object.entries(BODIES)) {
  Deno.test(`readSubscriberBody refuses what comes after the revocation of the token, on ${path}`, async () => {
    const taken: unknown[] = [];
    const { app, subscriptions } = createPushApp({
      receive: (target) => Promise.resolve(void taken.push(target)),
      revocations: revokedAfter(1),
    });
    const headers = { authorization: `Bearer ${await signedToken({ sub: "alexander" })}` };
    const request = { method: "POST", headers, body: JSON.stringify(body) };
    await assertProblem(await app.request(path, request), "401 revoked");
    assertEquals([taken, subscriptions.all], [[], []]);
  });
}
