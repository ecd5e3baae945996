/** Origins and CORS: refuses pages that may not connect, and lets the other pages read the answers. */

import type { Context, Handler } from "hono";
import { Problem } from "../../wire/problem.ts";
import type { Credential } from "./credential.ts";
import type { IsOriginAllowed } from "./origin.ts";

export interface CorsDeps {
  readonly isOriginAllowed: IsOriginAllowed;
}

/** Without these headers, a browser hides the answer from the page, even that to a refused upgrade. */
export function setCorsHeaders(c: Context, { isOriginAllowed }: CorsDeps): void {
  const origin = c.req.header("origin");
  if (origin === undefined || !isOriginAllowed(origin, c.req.header("host") ?? "")) return;
  c.header("access-control-allow-origin", origin);
  c.header("access-control-allow-credentials", "true");
  c.header("access-control-expose-headers", "retry-after"); // the SDK reads it
  c.header("vary", "origin");
}

/** Refuses with 403. A browser sends the cookie for any page, so a cookie counts only from a page that is allowed. */
export function requireAllowedOrigin(
  c: Context,
  credential: Credential | null,
  { isOriginAllowed }: CorsDeps,
): void {
  const origin = c.req.header("origin");
  if (origin === undefined && (credential?.from !== "cookie" || isOwnPage(c, isOriginAllowed))) return;
  if (origin !== undefined && isOriginAllowed(origin, c.req.header("host") ?? "")) return;
  throw new Problem(
    "origin-not-allowed",
    origin === undefined
      ? "a cookie requires an Origin header"
      : `${origin} is not allowed: list it in TIDINGS_ALLOWED_ORIGINS, or use a page of this host if that is not set`,
  );
}

/**
 * A GET from a page of this host has no Origin, only `Sec-Fetch-Site` (Fetch Metadata), which no page can forge. The
 * scheme of the page is not known here, because a proxy may terminate TLS.
 */
function isOwnPage(c: Context, isOriginAllowed: IsOriginAllowed): boolean {
  const host = c.req.header("host") ?? "";
  return c.req.header("sec-fetch-site") === "same-origin" &&
    ["https", "http"].some((scheme) => isOriginAllowed(`${scheme}://${host}`, host));
}

/** `OPTIONS`: lets an allowed page send these headers. GET and POST need no permission. */
export function preflight(deps: CorsDeps, headers: readonly string[]): Handler {
  return function preflight(c) {
    setCorsHeaders(c, deps);
    requireAllowedOrigin(c, null, deps);
    c.header("access-control-allow-headers", headers.join(", "));
    c.header("access-control-max-age", "600"); // without it, a browser repeats the preflight before almost every request
    return c.body(null, 204);
  };
}
