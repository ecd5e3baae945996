/** `POST /v1/notify` with NDJSON: publishes a notification a line, and answers each while the request goes on. */

import type { Context } from "hono";
import { publishLines, type PublishLinesDeps } from "../../sources/publish_lines.ts";
import type { Problem } from "../../wire/problem.ts";
import type { Keyring } from "../auth/keyring.ts";
import type { LineStreams } from "../line_streams.ts";
import { readTraceContext } from "../read_trace_context.ts";
import { recordRefusal, type RefusalDeps } from "../record_refusal.ts";
import { refusedRequest } from "./refused_request.ts";

const HEADERS = {
  "content-type": "application/x-ndjson",
  "cache-control": "no-store",
  "x-accel-buffering": "no", // nginx would hold back the answers
};

/**
 * @param options.owner the name of the publisher's key, which has a share of the memory
 * @param options.key the Idempotency-Key: line i has the id `KEY.i`, where empty lines do not count
 */
export function notifyLines(
  c: Context,
  { streams, deps, key, owner }: {
    streams: Pick<LineStreams, "open">;
    deps: Omit<PublishLinesDeps, "onRefused"> & RefusalDeps & { readonly keyring: Keyring };
    key: string | null;
    owner: string;
  },
): Response {
  const request = refusedRequest(c, deps.keyring);
  const onRefused = (problem: Problem) => void recordRefusal(problem, request, deps);
  const lineDeps = { ...deps, onRefused, trace: readTraceContext(c.req.raw.headers) };
  const answers = streams.open(c.req.raw, {
    owner,
    onRefused,
    answer: (lines, first) =>
      publishLines(lines, {
        keyOf: (index) => key === null ? null : `${key}.${first + index}`,
        deps: lineDeps,
      }),
  });
  return new Response(answers, { headers: HEADERS });
}
