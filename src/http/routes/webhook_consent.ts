/** `OPTIONS /v1/notify`: agrees to receive events, as a sender of CloudEvents asks before it sends any. */

import type { Handler } from "hono";
import { Problem } from "../../wire/problem.ts";

const ORIGIN = /^[A-Za-z0-9.*-]{1,253}$/; // a domain name

/**
 * The handshake of the CloudEvents specification "HTTP 1.1 Web Hooks", section 4, which Azure Event Grid requires. It
 * authorizes nobody: what is posted needs a key all the same. A `WebHook-Request-Callback` is not called, because
 * anyone could have this server send requests by it.
 */
export function webhookConsent(): Handler {
  return function webhookConsent(c) {
    const origin = c.req.header("webhook-request-origin");
    if (origin === undefined || !ORIGIN.test(origin)) {
      throw new Problem("bad-request", "WebHook-Request-Origin: must be the domain name of the sender");
    }
    return c.body(null, 200, {
      "allow": "OPTIONS, POST",
      "webhook-allowed-origin": origin,
      "webhook-allowed-rate": "*",
    });
  };
}
