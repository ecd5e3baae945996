/** Finds out by a content type how CloudEvents are parsed, wherever the type stands. */

import { Problem } from "../wire/problem.ts";
import { parseEventBatch, parseStructuredEvent } from "./cloud_events.ts";
import type { ParseRequest } from "./publish.ts";

const CLOUD_EVENTS = /^\s*application\/cloudevents(-batch)?(?:\+([^\s;]+))?\s*(?:;|$)/i;

/**
 * Returns null if the type is none of CloudEvents. An event in binary mode has the type of its data.
 *
 * @throws {Problem} `unsupported-type` for events that are not JSON
 */
export function eventParserOf(type: string): ParseRequest | null {
  const [isEvent, batch, syntax] = CLOUD_EVENTS.exec(type) ?? [];
  if (isEvent === undefined) return null;
  if (syntax?.toLowerCase() === "json") return batch === undefined ? parseStructuredEvent : parseEventBatch;
  const supported = "application/cloudevents+json and application/cloudevents-batch+json";
  throw new Problem("unsupported-type", `of the formats of events, only ${supported} are supported`);
}
