/** Standard Webhooks 1.0: what a verifier of that specification demands of the posts that the server makes. */

import type { Case } from "../case.ts";
import { equal, expect, match, present } from "../client/expect.ts";
import { type Delivery, webhookSignature } from "../client/webhook_receiver.ts";
import type { TestedServer } from "../tested_server.ts";

/**
 * The vector that the specification's own libraries test: the case "sign function works" in
 * libraries/javascript/src/webhook.test.ts of github.com/standard-webhooks/standard-webhooks.
 */
export const VECTOR = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: "1614265330",
  text: '{"test": 2432232314}',
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
} as const;

/** Sends a message as a browser, and resolves with what the application receives. */
async function deliver(server: TestedServer, data: unknown): Promise<Delivery> {
  const target = server.name(), next = server.application.listen(target), tab = await server.tab(target);
  await tab.send({ type: "message", data });
  return await next();
}

export const STANDARD_WEBHOOKS: readonly Case[] = [
  {
    rule: "STANDARD-WEBHOOKS-VECTOR",
    title:
      "The suite's own verifier makes the signature of the published vector, and accepts the server's by it",
    needs: ["webhook"],
    run: async (server) => {
      equal(await webhookSignature(VECTOR, VECTOR.secret), {
        is: VECTOR.signature,
        in: "the signature of the vector",
      });
      const { headers, text } = await deliver(server, "vector");
      const id = headers.get("webhook-id") ?? "", timestamp = headers.get("webhook-timestamp") ?? "";
      const expected = await webhookSignature({ id, timestamp, text }, server.settings.webhook?.secret ?? "");
      expect((headers.get("webhook-signature") ?? "").split(" ").includes(expected), "no signature is right");
    },
  },
  {
    rule: "STANDARD-WEBHOOKS-HEADERS",
    title:
      "The webhook-id is unique, webhook-timestamp is in whole seconds, and each signature has a version",
    needs: ["webhook"],
    run: async (server) => {
      const deliveries = await Promise.all([deliver(server, 1), deliver(server, 2)]);
      for (const { headers } of deliveries) {
        match(headers.get("webhook-id"), { is: /^[^.\s]+$/, in: "webhook-id, which has no full stop" });
        match(headers.get("webhook-timestamp"), { is: /^\d{10}$/, in: "webhook-timestamp" });
        match(headers.get("webhook-signature"), {
          is: /^v\d+a?,\S+( v\d+a?,\S+)*$/,
          in: "webhook-signature",
        });
      }
      const [first, second] = deliveries.map(({ headers }) =>
        present(headers.get("webhook-id"), "webhook-id")
      );
      expect(first !== second, "two messages have the same webhook-id");
    },
  },
  {
    rule: "STANDARD-WEBHOOKS-PAYLOAD",
    title: "The body is JSON with `type`, of words with full stops, `timestamp` and `data`",
    needs: ["webhook"],
    run: async (server) => {
      const { body, headers } = await deliver(server, { a: [1, "ü"] });
      match(headers.get("content-type"), { is: /^application\/json/, in: "Content-Type" });
      match(body.type, { is: /^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$/, in: "`type`" });
      match(body.timestamp, {
        is: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
        in: "`timestamp`",
      });
      expect(typeof body.data === "object", "`data` is no object");
    },
  },
];
