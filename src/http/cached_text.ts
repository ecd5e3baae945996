/** Serves a text that does not change while the process runs, with an ETag for those who have it already. */

import type { Handler } from "hono";
import { createHash } from "node:crypto";
import { matchesEtag } from "./if_none_match.ts";

export interface CachedText {
  /** The value of `content-type`. */
  readonly type: string;
  /** Returns the text. It is called once, on the first request. */
  readonly text: () => string;
}

/** Answers 304 without a body if the request has the ETag of the text. Both answers have the headers. */
export function cachedText(
  { type, text: render }: CachedText,
  headers: Readonly<Record<string, string>>,
): Handler {
  let rendered: { readonly text: string; readonly etag: string } | undefined;
  return function cachedText(c) {
    const { text, etag } = rendered ??= withEtag(render());
    if (matchesEtag(etag, c.req.header("if-none-match"))) return c.body(null, 304, { ...headers, etag });
    return c.body(text, 200, { ...headers, etag, "content-type": type });
  };
}

function withEtag(text: string): { text: string; etag: string } {
  return { text, etag: `"${createHash("sha256").update(text).digest("base64url")}"` };
}
