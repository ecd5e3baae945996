/** Parses what is posted as plain JSON: notifications, or the envelope of Google Pub/Sub. */

import { parseJson, parseNotifications } from "../wire/protocol.ts";
import { type Key, MAX_STRUCTURE, type ParsedRequest, toDrafts } from "./drafts.ts";
import { isPubSubPush, parsePubSubPush } from "./envelopes.ts";
import { rawDataOf } from "./raw_data.ts";

/**
 * Parses the body of a request. Pub/Sub does not say in a header what it sends.
 *
 * @throws {Problem} `not-json`, `does-not-fit`, `too-large` or `bad-request`; the request is then refused as a whole
 */
export function parsePosted(json: string, key: Key | null): ParsedRequest {
  const data = rawDataOf(json, MAX_STRUCTURE);
  const body = parseJson(json);
  if (isPubSubPush(body)) return parsePubSubPush(body, key);
  return toDrafts({ notifications: parseNotifications(body), data, isArray: Array.isArray(body) }, key);
}
