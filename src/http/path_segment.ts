/** A segment of the path as it was meant, percent-decoded. Hono decodes what it can, and leaves the rest as it came. */

import type { Context } from "hono";
import type { z } from "zod";
import { Problem } from "../wire/problem.ts";

/** @throws {Problem} `bad-request` if it is not UTF-8 or doesn't fit the schema */
export function segmentOf<T>(c: Context, { index, schema }: { index: number; schema: z.ZodType<T> }): T {
  const [url = ""] = c.req.raw.url.split(/[?#]/, 1);
  const segment = url.split("/")[3 + index] ?? ""; // after the scheme, nothing and the host
  const { success, data, error } = schema.safeParse(decoded(segment));
  if (success) return data;
  throw new Problem("bad-request", `${segment}: ${error.issues[0]?.message}`, { cause: error });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new Problem("bad-request", `${segment}: not percent-encoded UTF-8`, { cause });
  }
}
