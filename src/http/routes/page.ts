/** Serves the files of a page from memory, with headers that isolate the page. */

import type { Handler } from "hono";
import type { SiteFile } from "../../pages/site.ts";
import { cachedText } from "../cached_text.ts";

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

export function page({ type, text }: SiteFile): Handler {
  return cachedText({ type, text: () => text }, HEADERS);
}
