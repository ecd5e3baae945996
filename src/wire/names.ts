/** The schemas of names: the targets and ids that publishers choose, and the refs that browsers choose. */

import { z } from "zod";

const CONTROL = /\p{Cc}/u;

/** The schema of a target or an id: printable, well-formed text. All rules are one check, since each costs 40 ns. */
export function nameSchema(max: number): z.ZodString {
  return z.string().check(({ value, issues }) => {
    const message = reasonAgainst(value, max);
    if (message !== undefined) issues.push({ code: "custom", message, input: value });
  });
}

/**
 * Returns why the text is not a valid name. Names are segments of URLs, from which `.` and `..` would vanish. A lone
 * surrogate would arrive as another character than was sent.
 */
function reasonAgainst(text: string, max: number): string | undefined {
  if (text === "") return "must not be empty";
  if (text.length > max) return `is limited to ${max} UTF-16 units`; // zod's max() counts code points
  if (CONTROL.test(text)) return "control characters are not allowed";
  if (text === "." || text === "..") return "`.` and `..` are not allowed";
  return text.isWellFormed() ? undefined : "lone surrogates are not allowed";
}

/** What JSON Schema can express of a name. It counts code points: an emoji is one, although it is two UTF-16 units. */
export const NAME_META = {
  minLength: 1,
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
  not: { enum: [".", ".."] },
};

/** The recipient of a notification. */
export const Target = nameSchema(256).meta({
  ...NAME_META,
  maxLength: 256,
  description: "The recipient: 1 to 256 UTF-16 units without control characters, not `.` or `..`",
});

/** Identifies a notification. */
export const Id = nameSchema(128).meta({
  ...NAME_META,
  maxLength: 128,
  description: "1 to 128 UTF-16 units without control characters, not `.` or `..`",
});

/** Checks an idempotency key, which takes the place of an id, so that an error names the path `id`. */
export const IdOnly = z.object({ id: Id });
