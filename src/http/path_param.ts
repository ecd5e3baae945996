/** Reads a parameter of the path: percent-decodes it, and checks it with its schema. */

import type { Context } from "hono";
import { routePath } from "hono/route";
import type { z } from "zod";
import { Problem } from "../wire/problem.ts";
import { Id, Target } from "../wire/names.ts";

const SCHEMAS = { target: Target, id: Id };

/**
 * Reads the raw URL, because `c.req.param` does not decode a malformed escape: it returns `a%ZZ` for both `a%ZZ`,
 * which is refused here, and `a%25ZZ`.
 *
 * @throws {Problem} `bad-request` if it is not percent-encoded UTF-8 or does not fit its schema
 */
export function pathParam(c: Context, name: keyof typeof SCHEMAS): string {
  const schema: z.ZodType<string> = SCHEMAS[name];
  const [url = ""] = c.req.raw.url.split(/[?#]/, 1);
  const [, , , ...segments] = url.split("/"); // skips the scheme, the empty part after it, and the host
  const segment = segments[routePath(c).split("/").indexOf(`:${name}`) - 1] ?? "";
  const { success, data, error } = schema.safeParse(percentDecode(name, segment));
  if (success) return data;
  throw new Problem("bad-request", `${name}: ${error.issues[0]?.message}`, { cause: error });
}

function percentDecode(name: string, segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new Problem("bad-request", `${name}: not percent-encoded UTF-8`, { cause });
  }
}
