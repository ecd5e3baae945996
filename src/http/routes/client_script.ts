/** `GET /client.js`: the browser SDK, for every page that may connect. */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Handler } from "hono";
import { type CorsDeps, setCorsHeaders } from "../auth/cors.ts";
import { isKnown } from "../if_none_match.ts";

const TAKES_GZIP = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i; // a weight of 0 refuses it (RFC 9110, section 12.5.3)

/**
 * The text is checked in and a test fails if it is stale: building it at the start would take 50 ms, esbuild's
 * 11 MB in the image, and the permission to run a program. It is asked for anew each time (304 if it is still the
 * same), so that a page and the SDK of its service are never of two versions.
 */
export function clientScript(text: string, deps: CorsDeps): Handler {
  const packed = new Uint8Array(gzipSync(text, { level: 9 }));
  const etag = `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 16)}"`; // weak: packed or not
  return function clientScript(c) {
    setCorsHeaders(c, deps);
    c.header("vary", "origin, accept-encoding");
    c.header("cache-control", "no-cache");
    c.header("etag", etag);
    c.header("x-content-type-options", "nosniff");
    if (isKnown(etag, c.req.header("if-none-match"))) return c.body(null, 304);
    c.header("content-type", "text/javascript; charset=utf-8");
    if (!TAKES_GZIP.test(c.req.header("accept-encoding") ?? "")) return c.body(text);
    c.header("content-encoding", "gzip");
    return c.body(packed);
  };
}
