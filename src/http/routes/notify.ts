/** `POST /v1/notify`: publishes the notifications of the body, and waits for acks if the publisher prefers to. */

import type { Context } from "hono";
import type { Quotas } from "../../quota/quotas.ts";
import { parsePosted } from "../../sources/posted.ts";
import { publish, type PublishDeps, type Published } from "../../sources/publish.ts";
import { RoomQueue, type RoomQueueDeps } from "../../sources/room_queue.ts";
import { parseSnsSubscription, type SnsSubscription } from "../../sources/sns_subscription.ts";
import type { Source } from "../../wire/source.ts";
import type { AckWaits } from "../ack_waits.ts";
import { reportJson } from "../ask_nodes.ts";
import type { Keyring } from "../auth/keyring.ts";
import type { PublisherHandler } from "../auth/publisher.ts";
import type { BodyReader } from "../body_reader.ts";
import { type Exchange, exchangeOf } from "../exchange.ts";
import { parseIdempotencyKey } from "../idempotency_key.ts";
import type { LineStreams } from "../line_streams.ts";
import { parsePreferWait } from "../prefer.ts";
import { readTraceContext } from "../read_trace_context.ts";
import type { RefusalDeps } from "../record_refusal.ts";
import { formatOf } from "./notify_format.ts";
import { notifyLines } from "./notify_lines.ts";

export interface NotifyDeps extends RefusalDeps {
  readonly intakes: { from(source: Source): PublishDeps & RoomQueueDeps };
  readonly streams: Pick<LineStreams, "open">;
  readonly waits: AckWaits;
  readonly bodies: Pick<BodyReader, "read" | "turn">;
  readonly keyring: Keyring;
  readonly quotas: Pick<Quotas, "keys">;
  /** Called when Amazon SNS asks to confirm a subscription, or has ended one. */
  readonly onSubscription: (subscription: SnsSubscription) => void;
}

const MAX_BYTES = 1024 * 1024;
const ACCEPTED = { status: 202, headers: { "content-type": "application/json" } };

export function notify(deps: NotifyDeps): PublisherHandler {
  const { intakes, waits, bodies, streams, quotas, onSubscription } = deps;
  const lines = intakes.from("ndjson"), events = intakes.from("cloudevents"), http = intakes.from("http");
  const room = new RoomQueue(lines);
  const lineDeps = { ...deps, intake: lines, roomFor: (count: number) => room.roomFor(count) };
  return async function notify(c, principal) {
    const format = formatOf(c.req.raw.headers), allowance = quotas.keys?.of(principal.name) ?? null;
    if (format === "lines") {
      const key = parseIdempotencyKey(c.req.header("idempotency-key"));
      const owner = principal.name, turn = () => bodies.turn(owner);
      return notifyLines(c, { streams, deps: { ...lineDeps, allowance, turn }, key, owner });
    }
    allowance?.requireNotifications();
    const limits = { maxBytes: MAX_BYTES, caller: "publisher", owner: principal.name } as const;
    const json = await bodies.read(c.req.raw, limits);
    if (format === "subscription") {
      onSubscription(parseSnsSubscription(json));
      return c.body(null, 204);
    }
    const key = parseIdempotencyKey(c.req.header("idempotency-key"));
    const seconds = parsePreferWait(c.req.header("prefer"));
    const trace = readTraceContext(c.req.raw.headers);
    const publishBody = () =>
      publish({ json, key, parse: format, allowance, trace }, format === parsePosted ? http : events);
    return seconds === null
      ? acceptedResponse(await publishBody(), exchangeOf(c.env))
      : await publishAndWait(c, { publishBody, waits, seconds });
  };
}

function acceptedResponse({ answer }: Published, exchange: Exchange | undefined): Response {
  const json = JSON.stringify(answer); // c.json() takes 2 µs more, of 40 µs in all
  const requestId = exchange?.takeId();
  if (requestId === undefined) return new Response(json, ACCEPTED);
  const headers = { "content-type": "application/json", "x-request-id": requestId };
  return new Response(json, { status: 202, headers });
}

/** Responds when the notifications are acked, or when the time is over. */
async function publishAndWait(
  c: Context,
  { publishBody, waits, seconds }: {
    publishBody: () => Promise<Published>;
    waits: AckWaits;
    seconds: number;
  },
): Promise<Response> {
  using _slot = waits.reserve();
  const published = await publishBody();
  const { signal } = c.req.raw; // aborts only when the publisher disconnects, due to `unstable` in deno.json
  const reports = await waits.reports({ accepted: published.accepted(), ids: published.ids }, {
    seconds,
    signal,
  });
  if (reports === null) return acceptedResponse(published, exchangeOf(c.env)); // a preference may be ignored (RFC 7240, section 2)
  const all = reports.map(reportJson), [first] = all;
  const body = published.isArray ? { reports: all } : first;
  return c.json(body, 200, { "preference-applied": `wait=${seconds}` });
}
