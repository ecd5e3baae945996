/** The text of `data` in a notification, and `data_json`. */

import { messageOf } from "../../wire/error_message.ts";
import { formatCount } from "../../wire/format_count.ts";
import { doesNotFit, Problem } from "../../wire/problem.ts";

const MAX_DATA_UNITS = 64 * 1024;

/** Returns the JSON text of a notification with these fields and this text of `data`, or with none. */
export function withData(fields: Readonly<Record<string, unknown>>, data: string | undefined): string {
  const text = JSON.stringify(fields);
  if (data === undefined) return text;
  return text === "{}" ? `{"data":${data}}` : `${text.slice(0, -1)},"data":${data}}`;
}

/**
 * Returns `data_json`, which is one JSON value, so that it can stand in another text.
 *
 * @throws {Problem} `does-not-fit` if it is not JSON; `too-large` before it is parsed, which could take long
 */
export function checkedDataJson(text: string): string {
  if (text.length > MAX_DATA_UNITS) {
    throw new Problem("too-large", `data_json is limited to ${formatCount(MAX_DATA_UNITS)} bytes`);
  }
  try {
    JSON.parse(text);
  } catch (cause) {
    throw doesNotFit("data_json", `is not JSON: ${messageOf(cause)}`);
  }
  return text;
}
