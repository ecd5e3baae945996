/** `POST /v1/notify`: hands the body to the webhook, and waits for acks if the publisher prefers to. */

import type { Context, Handler } from "hono";
import { Problem } from "../../wire/problem.ts";
import type { AckWaits, Kept } from "../ack_waits.ts";
import { reportOnWire } from "../ask_nodes.ts";
import { parsePreferWait } from "../prefer.ts";
import type { AuthorizePublisher } from "../auth/publisher.ts";
import { readBody } from "../read_body.ts";

/** Notifications that were taken: the answer to it, and what can be waited for. */
export interface Taken {
  readonly answer: object;
  readonly kept: () => readonly Kept[];
  /** Of each notification, in the order of the request. */
  readonly ids: readonly string[];
  readonly isArray: boolean;
}

/** What takes notifications: the text of a body and the Idempotency-Key. Rejects with a problem. */
export type TakeNotifications = (json: string, key: string | null) => Promise<Taken>;

/** What the route is made of. */
export interface NotifyDeps {
  readonly authorize: AuthorizePublisher;
  readonly take: TakeNotifications;
  readonly waits: AckWaits;
}

const MAX_BYTES = 1024 * 1024;
const ACCEPTED = { status: 202, headers: { "content-type": "application/json" } };

export function notify({ authorize, take, waits }: NotifyDeps): Handler {
  return async function notify(c) {
    authorize(c.req.raw);
    const json = await readBody(c.req.raw, MAX_BYTES);
    const key = keyOf(c.req.header("idempotency-key"));
    const seconds = parsePreferWait(c.req.header("prefer"));
    const taking = () => take(json, key);
    return seconds === null ? accepted(await taking()) : await acked(c, { taking, waits, seconds });
  };
}

function accepted({ answer }: Taken): Response {
  return new Response(JSON.stringify(answer), ACCEPTED); // c.json() takes 2 µs more, of 40 in all
}

/** Answers when what is taken is acked. */
async function acked(
  c: Context,
  { taking, waits, seconds }: { taking: () => Promise<Taken>; waits: AckWaits; seconds: number },
): Promise<Response> {
  using _place = waits.enter();
  const taken = await taking();
  const { signal } = c.req.raw; // aborts when the publisher leaves; only then, says `unstable` in deno.json
  const reports = await waits.reports({ kept: taken.kept(), ids: taken.ids }, { seconds, signal });
  if (reports === null) return accepted(taken); // as RFC 7240, section 2, has it: the preference is ignored
  const [first, ...more] = reports.map(reportOnWire);
  const answer = taken.isArray ? { reports: [first, ...more] } : first;
  return c.json(answer, 200, { "preference-applied": `wait=${seconds}` });
}

/** The header is a string of structured fields, in quotes; without them it is understood as well. */
function keyOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1];
  const isOne = quoted !== undefined || !header.startsWith('"'); // of two, Deno makes `"a", "b"`
  if (isOne && /^[ -~]*$/.test(header)) return quoted?.replaceAll(/\\(["\\])/g, "$1") ?? header;
  throw new Problem("bad-request", "Idempotency-Key: not one string of ASCII, as structured fields have it");
}
