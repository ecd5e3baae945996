/** `GET /openapi.json` and `GET /asyncapi.json`: the API documents, which pages of every origin may read. */

import type { Handler } from "hono";
import { cachedText } from "../cached_text.ts";

/** Viewers and generators run in pages of other hosts. The documents are the same for everyone. */
const ANY_ORIGIN = { "access-control-allow-origin": "*" };

const HEADERS = {
  ...ANY_ORIGIN,
  "access-control-expose-headers": "etag",
  "cache-control": "no-cache", // the browser revalidates, so the document is never older than the service
  "x-content-type-options": "nosniff",
};

/** @param create called once, on the first request, so that the start does not wait for it */
export function apiDocument(create: () => object): Handler {
  return cachedText({ type: "application/json", text: () => JSON.stringify(create()) }, HEADERS);
}

/** `OPTIONS`: lets pages send every header. A wildcard does not include `Authorization` (Fetch, section 3.3.5). */
export function apiDocumentPreflight(): Handler {
  return function apiDocumentPreflight(c) {
    return c.body(null, 204, {
      ...ANY_ORIGIN,
      "access-control-allow-headers": "*, authorization",
      "access-control-max-age": "600",
    });
  };
}
