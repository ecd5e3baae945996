/** What browsers tell and ask of a page's origin: who is refused for it, and who may read an answer (CORS). */

import type { Context, Handler } from "hono";
import { Problem } from "../problem.ts";
import type { Credential } from "./credential.ts";
import type { JudgeOrigin } from "./origin.ts";

/** What it takes to judge. */
export interface CorsParts {
  readonly isOriginAllowed: JudgeOrigin;
}

/** A browser hides answers, also of an upgrade that was refused, from pages that are not told that they may read. */
export function letPagesRead(c: Context, { isOriginAllowed }: CorsParts): void {
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
  { isOriginAllowed }: CorsParts,
): void {
  const origin = c.req.header("origin") ?? ownOrigin(c);
  if (origin === undefined && credential?.from !== "cookie") return;
  if (origin !== undefined && isOriginAllowed(origin, c.req.header("host") ?? "")) return;
  throw new Problem(
    "origin-not-allowed",
    origin === undefined ? "a cookie needs an Origin" : `${origin} is not allowed`,
  );
}

/** Of a GET from a page of this host, browsers say only that it is one (Fetch Metadata); no page can forge that. */
function ownOrigin(c: Context): string | undefined {
  if (c.req.header("sec-fetch-site") !== "same-origin") return undefined;
  return `https://${c.req.header("host")}`; // they say it to a trustworthy host, and to that over HTTP only on localhost
}

/** `OPTIONS`: a browser asks whether a page may send these headers. GET and POST need not be asked for. */
export function preflight(parts: CorsParts, headers: readonly string[]): Handler {
  return function preflight(c) {
    letPagesRead(c, parts);
    refuseOrigin(c, null, parts);
    c.header("access-control-allow-headers", headers.join(", "));
    return c.body(null, 204);
  };
}
