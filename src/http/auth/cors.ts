/** Origins and CORS: refuses pages that may not connect, and lets the other pages read the answers. */

import type { Context, Handler } from "hono";
import { Problem } from "../../wire/problem.ts";
import { authorityOf } from "./authority.ts";
import type { Credential } from "./credential.ts";
import type { Destination, IsOriginAllowed } from "./origin.ts";

export interface CorsDeps {
  readonly isOriginAllowed: IsOriginAllowed;
}

const SCHEMES: Readonly<Record<string, Destination["scheme"]>> = {
  http: "http",
  ws: "http", // some proxies name the scheme of an upgrade so
  https: "https",
  wss: "https",
};

/** Without these headers, a browser hides the answer from the page, even that to a refused upgrade. */
export function setCorsHeaders(c: Context, { isOriginAllowed }: CorsDeps): void {
  const origin = c.req.header("origin");
  if (origin === undefined || !isOriginAllowed(origin, destinationOf(c))) return;
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
  const origin = c.req.header("origin"), hasCookie = credential?.from === "cookie";
  if (origin === undefined) {
    if (!hasCookie || isOwnPage(c, isOriginAllowed)) return;
    throw new Problem("origin-not-allowed", "a cookie requires an Origin header");
  }
  if (!isOriginAllowed(origin, destinationOf(c))) {
    throw new Problem(
      "origin-not-allowed",
      `${origin} is not allowed: list it in TIDINGS_ALLOWED_ORIGINS, or use a page of this host if that is not set`,
    );
  }
  // Any site can make a page whose origin is `null`, by a frame with the attribute `sandbox`.
  if (origin === "null" && hasCookie) {
    throw new Problem("origin-not-allowed", "a cookie does not count from the origin null: send the token");
  }
}

/**
 * A GET from a page of this host has no Origin, only `Sec-Fetch-Site` (Fetch Metadata), which no page can forge. The
 * scheme of the page is not known here, because a proxy may terminate TLS.
 */
function isOwnPage(c: Context, isOriginAllowed: IsOriginAllowed): boolean {
  const destination = destinationOf(c);
  return c.req.header("sec-fetch-site") === "same-origin" &&
    ["https", "http"].some((scheme) => isOriginAllowed(`${scheme}://${destination.authority}`, destination));
}

/** The first proxy in front knows the scheme. A page cannot set its header without a preflight. */
function destinationOf(c: Context): Destination {
  const [scheme = ""] = c.req.header("x-forwarded-proto")?.split(",", 1) ?? [];
  return { authority: authorityOf(c.req.raw), scheme: SCHEMES[scheme.trim().toLowerCase()] ?? null };
}

/** `OPTIONS`: lets an allowed page send these headers, and use these methods. GET and POST need no permission. */
export function preflight(
  deps: CorsDeps,
  { headers, methods = [] }: { headers: readonly string[]; methods?: readonly string[] },
): Handler {
  return function preflight(c) {
    setCorsHeaders(c, deps);
    requireAllowedOrigin(c, null, deps);
    c.header("access-control-allow-headers", headers.join(", "));
    if (methods.length > 0) c.header("access-control-allow-methods", methods.join(", "));
    c.header("access-control-max-age", "600"); // without it, a browser repeats the preflight before almost every request
    return c.body(null, 204);
  };
}
