/** `POST /v1/notify` with NDJSON: publishes a notification a line, and answers each while the request goes on. */

import type { Context } from "hono";
import { publishLines, type PublishLinesDeps } from "../../sources/publish_lines.ts";
import type { LineStreams } from "../line_streams.ts";

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
    deps: PublishLinesDeps;
    key: string | null;
    owner: string;
  },
): Response {
  const answers = streams.open(c.req.raw, {
    owner,
    answer: (lines, first) =>
      publishLines(lines, { keyOf: (index) => key === null ? null : `${key}.${first + index}`, deps }),
  });
  return new Response(answers, { headers: HEADERS });
}
