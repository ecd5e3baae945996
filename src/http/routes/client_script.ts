/** `GET /client.js`: serves the browser SDK to every page that may connect. */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Handler } from "hono";
import { type CorsDeps, setCorsHeaders } from "../auth/cors.ts";
import { acceptsGzip } from "../accept_encoding.ts";
import { matchesEtag } from "../if_none_match.ts";

/**
 * The text is checked in, and a test fails if it is stale. Building it at the start would take 50 ms, put esbuild's 11 MB
 * into the image, and need the permission to run a program. Browsers revalidate it on each use, so a page never uses an
 * SDK of another version than the service.
 */
export function clientScript(text: string, deps: CorsDeps): Handler {
  const compressed = new Uint8Array(gzipSync(text, { level: 9 }));
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 16);
  const etag = `W/"${hash}"`; // weak, because it names both the text and the compressed text
  return function clientScript(c) {
    setCorsHeaders(c, deps);
    c.header("vary", "origin, accept-encoding");
    c.header("cache-control", "no-cache");
    c.header("etag", etag);
    c.header("x-content-type-options", "nosniff");
    if (matchesEtag(etag, c.req.header("if-none-match"))) return c.body(null, 304);
    c.header("content-type", "text/javascript; charset=utf-8");
    if (!acceptsGzip(c.req.header("accept-encoding"))) return c.body(text);
    c.header("content-encoding", "gzip");
    return c.body(compressed);
  };
}
