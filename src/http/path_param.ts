/** A parameter of the path, percent-decoded and checked by its schema. */

import type { Context } from "hono";
import { routePath } from "hono/route";
import type { z } from "zod";
import { Problem } from "../wire/problem.ts";
import { Id, Target } from "../wire/protocol.ts";

const SCHEMAS = { target: Target, id: Id };

/**
 * Reads the raw URL, because `c.req.param` leaves a malformed escape as it is: it returns `a%ZZ` for both `a%ZZ`,
 * which is refused here, and `a%25ZZ`.
 *
 * @throws {Problem} `bad-request` if it is not percent-encoded UTF-8 or does not fit its schema
 */
export function pathParam(c: Context, name: keyof typeof SCHEMAS): string {
  const schema: z.ZodType<string> = SCHEMAS[name];
  const [url = ""] = c.req.raw.url.split(/[?#]/, 1);
  const [, , , ...segments] = url.split("/"); // after the scheme, an empty part and the host
  const segment = segments[routePath(c).split("/").indexOf(`:${name}`) - 1] ?? "";
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
