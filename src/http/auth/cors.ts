/** What browsers tell and ask of a page's origin: who is refused for it, and who may read an answer (CORS). */

import type { Context, Handler } from "hono";
import { Problem } from "../../wire/problem.ts";
import type { Credential } from "./credential.ts";
import type { JudgeOrigin } from "./origin.ts";

/** What it takes to judge. */
export interface CorsDeps {
  readonly isOriginAllowed: JudgeOrigin;
}

/** A browser hides answers, also of an upgrade that was refused, from pages that are not told that they may read. */
export function setCorsHeaders(c: Context, { isOriginAllowed }: CorsDeps): void {
  const origin = c.req.header("origin");
  if (origin === undefined || !isOriginAllowed(origin, c.req.header("host") ?? "")) return;
  c.header("access-control-allow-origin", origin);
  c.header("access-control-allow-credentials", "true");
  c.header("access-control-expose-headers", "retry-after"); // otherwise the SDK would not see it
  c.header("vary", "origin");
}

/** Browsers send a cookie whatever page asks: it only counts when the page is known. */
export function refuseOrigin(
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
      ? "a cookie needs an Origin"
      : `${origin} is not allowed: this host is, or what TIDINGS_ALLOWED_ORIGINS lists if it is set`,
  );
}

/**
 * Of a GET by a page of this very host, browsers tell no Origin, only that it is one (Fetch Metadata, which no page can
 * forge). The scheme is the page's, and behind a proxy not known here.
 */
function isOwnPage(c: Context, isOriginAllowed: JudgeOrigin): boolean {
  const host = c.req.header("host") ?? "";
  return c.req.header("sec-fetch-site") === "same-origin" &&
    ["https", "http"].some((scheme) => isOriginAllowed(`${scheme}://${host}`, host));
}

/** `OPTIONS`: a browser asks whether a page may send these headers. GET and POST need not be asked for. */
export function preflight(deps: CorsDeps, headers: readonly string[]): Handler {
  return function preflight(c) {
    setCorsHeaders(c, deps);
    refuseOrigin(c, null, deps);
    c.header("access-control-allow-headers", headers.join(", "));
    c.header("access-control-max-age", "600"); // otherwise a browser asks before almost every request
    return c.body(null, 204);
  };
}
