/** Serves the files of a page from memory, with headers that isolate the page. */

import type { Handler } from "hono";
import { createHash } from "node:crypto";
import type { SiteFile } from "../../pages/site.ts";
import { matchesEtag } from "../if_none_match.ts";

/** The page loads nothing from other hosts, and has no inline scripts or styles. */
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

/** The last three isolate the page from other pages, which browsers require for shared memory. */
const HEADERS = {
  "content-security-policy": POLICY,
  "cache-control": "no-cache", // the browser revalidates, so the page is never older than the service
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

export function page({ type, text: render }: SiteFile): Handler {
  let rendered: { readonly text: string; readonly etag: string } | undefined;
  return function page(c) {
    const { text, etag } = rendered ??= withEtag(render());
    const headers = { ...HEADERS, etag };
    if (matchesEtag(etag, c.req.header("if-none-match"))) return c.body(null, 304, headers);
    return c.body(text, 200, { ...headers, "content-type": type });
  };
}

function withEtag(text: string): { text: string; etag: string } {
  return { text, etag: `"${createHash("sha256").update(text).digest("base64url")}"` };
}
