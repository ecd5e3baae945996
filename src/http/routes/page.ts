/** Serves the files of a page: from memory, for the page itself only, and again only if they have changed. */

import type { Handler } from "hono";
import { createHash } from "node:crypto";
import type { SiteFile } from "../../pages/site.ts";
import { isKnown } from "../if_none_match.ts";

/** Nothing is loaded from elsewhere, and no script or style but those files. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The last three isolate a page from others, which is what it may have shared memory for. */
const HEADERS = {
  "content-security-policy": POLICY,
  "cache-control": "no-cache", // a new version of the service is a new version of the page
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

export function page({ type, text: make }: SiteFile): Handler {
  let made: { readonly text: string; readonly etag: string } | undefined;
  return function page(c) {
    const { text, etag } = made ??= tagged(make());
    const headers = { ...HEADERS, etag };
    if (isKnown(etag, c.req.header("if-none-match"))) return c.body(null, 304, headers);
    return c.body(text, 200, { ...headers, "content-type": type });
  };
}

function tagged(text: string): { text: string; etag: string } {
  return { text, etag: `"${createHash("sha256").update(text).digest("base64url")}"` };
}
