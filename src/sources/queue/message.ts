/** A message of the queue: what a backend put there, read, and the key that it is known by when it comes again. */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { JsMsg } from "@nats-io/jetstream";
import { Problem } from "../../wire/problem.ts";

const MAX_BYTES = 1024 * 1024;
const decoder = new TextDecoder();

/** What a key is made of. */
export type KeySource = Pick<JsMsg, "headers" | "info" | "seq" | "timestampNanos">;

/** The same whenever it is delivered, and of no other message: what its publisher named it, or its place. */
export function keyOf({ headers, info, seq, timestampNanos }: KeySource): string {
  return headers?.get("Nats-Msg-Id") || digestOf(`${info.stream} ${timestampNanos} ${seq}`);
}

/** @throws {Problem} `too-large`, or `bad-request` if it is not UTF-8 */
export function textOf({ data }: Pick<JsMsg, "data">): string {
  if (data.length > MAX_BYTES) throw new Problem("too-large", `a body may have ${MAX_BYTES} bytes`);
  if (!isUtf8(data)) throw new Problem("bad-request", "the body is not UTF-8");
  return decoder.decode(data);
}

/** Browsers see it as the notification's id: it tells nothing of how many there are. */
function digestOf(place: string): string {
  return createHash("sha256").update(place).digest("base64url").slice(0, 22);
}
