/** Turns the JSON of Connect's unary calls into the JSON text that every source publishes, with every digit of `data`. */

import { parseJson } from "../../wire/protocol.ts";
import { MAX_STRUCTURE } from "../drafts.ts";
import { rawDataOf } from "../raw_data.ts";
import { doesNotFit } from "../../wire/problem.ts";
import { checkedDataJson, withData } from "./data_text.ts";

const MANY = /^\s*\{\s*"notifications"\s*:\s*(\[[^]*\])\s*\}\s*$/;

/**
 * Returns the text of the one notification that is the body of `Notify`.
 *
 * @throws {Problem} `does-not-fit`, `too-large` or `not-json`
 */
export function notifyJson(text: string): string {
  if (/^\s*\[/.test(text)) throw doesNotFit("", "must be one notification; NotifyMany takes several");
  return withoutDataJson(text);
}

/**
 * Returns the text of the array in the body of `NotifyMany`.
 *
 * @throws {Problem} `does-not-fit`, `too-large` or `not-json`
 */
export function notifyManyJson(text: string): string {
  const array = MANY.exec(text)?.[1];
  if (array !== undefined) return withoutDataJson(array);
  parseJson(text);
  throw doesNotFit("", 'must be an object with the one field "notifications", an array');
}

/** Replaces each `data_json` with the `data` that it has as text. Most requests have none and are not parsed here. */
function withoutDataJson(text: string): string {
  if (!text.includes('"data_json"')) return text;
  const data = rawDataOf(text, MAX_STRUCTURE), body = parseJson(text);
  const texts = [body].flat().map((notification, index) =>
    notificationText(notification, data[index] ?? "null")
  );
  return Array.isArray(body) ? `[${texts.join(",")}]` : texts.join();
}

function notificationText(notification: unknown, data: string): string {
  if (typeof notification !== "object" || notification === null) return JSON.stringify(notification);
  const { data_json: dataJson, data: parsed, ...fields } = {
    data_json: undefined,
    data: undefined,
    ...notification,
  };
  if (dataJson === undefined) return withData(fields, parsed === undefined ? undefined : data);
  if (parsed !== undefined) throw doesNotFit("data_json", "use either data or data_json, not both");
  if (typeof dataJson !== "string") throw doesNotFit("data_json", "must be a string with JSON in it");
  return withData(fields, checkedDataJson(dataJson));
}
