/** `POST /v1/notify`: hands the body to the webhook, and waits for acks if the publisher prefers to. */

import type { Context, Handler } from "hono";
import { Problem } from "../../wire/problem.ts";
import type { Intake } from "../../sources/intake.ts";
import { publish, type Published } from "../../sources/publish.ts";
import type { AckWaits } from "../ack_waits.ts";
import { reportOnWire } from "../ask_nodes.ts";
import { parsePreferWait } from "../prefer.ts";
import { readBody } from "../read_body.ts";

/** What the route is made of. */
export interface NotifyDeps {
  readonly intake: Pick<Intake, "accept">;
  readonly waits: AckWaits;
}

const MAX_BYTES = 1024 * 1024;
const ACCEPTED = { status: 202, headers: { "content-type": "application/json" } };

export function notify({ intake, waits }: NotifyDeps): Handler {
  return async function notify(c) {
    const json = await readBody(c.req.raw, MAX_BYTES);
    const key = keyOf(c.req.header("idempotency-key"));
    const seconds = parsePreferWait(c.req.header("prefer"));
    const publishing = () => publish({ json, key }, intake);
    return seconds === null ? accepted(await publishing()) : await acked(c, { publishing, waits, seconds });
  };
}

function accepted({ answer }: Published): Response {
  return new Response(JSON.stringify(answer), ACCEPTED); // c.json() takes 2 µs more, of 40 in all
}

/** Answers when what is taken is acked. */
async function acked(
  c: Context,
  { publishing, waits, seconds }: { publishing: () => Promise<Published>; waits: AckWaits; seconds: number },
): Promise<Response> {
  using _place = waits.enter();
  const published = await publishing();
  const { signal } = c.req.raw; // aborts when the publisher leaves; only then, says `unstable` in deno.json
  const reports = await waits.reports({ accepted: published.accepted(), ids: published.ids }, {
    seconds,
    signal,
  });
  if (reports === null) return accepted(published); // as RFC 7240, section 2, has it: the preference is ignored
  const [first, ...more] = reports.map(reportOnWire);
  const answer = published.isArray ? { reports: [first, ...more] } : first;
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
