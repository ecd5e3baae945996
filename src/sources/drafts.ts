/** Reads what a source was given, one notification or an array of them, into drafts for the journal. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Draft } from "../journal/journal.ts";
import { Problem } from "../wire/problem.ts";
import { IdOnly, type Notify, parseAs, parseJson, parseNotifications } from "../wire/protocol.ts";
import { rawDataOf } from "./raw_data.ts";

const MAX_DRAFTS = 10_000;
const MAX_DATA_BYTES = 64 * 1024;

/**
 * What names the notifications of a request that have no id of their own. A text is the only name: no notification
 * may have an id beside it. What is to be used `unlessId` yields to ids, and names just the others.
 */
export type Key = string | { readonly unlessId: string };

/** What a request asks for. */
export interface Drafted {
  /** One for each notification and target, in the order of the request. */
  readonly drafts: readonly Draft[];
  /** The id of each notification, in the order of the request. */
  readonly ids: readonly string[];
  readonly isArray: boolean;
  /** False for a single notification to one target or to everyone: it is answered as one too. */
  readonly several: boolean;
}

/**
 * Reads a request.
 *
 * @param json the text of one notification, or of an array of them
 * @param key stands in for the id: of the one notification, or with `.0`, `.1` … of those in an array
 * @throws {Problem} `not-json`, `does-not-fit`, `too-large` or `bad-request`: nothing of it is to be kept
 */
export function parseDrafts(json: string, key: Key | null): Drafted {
  const body = parseJson(json);
  const isArray = Array.isArray(body);
  const notifications = parseNotifications(body);
  const data = rawDataOf(json);
  const drafts: Draft[] = [], ids: string[] = [];
  for (const [index, notification] of notifications.entries()) {
    const name = keyFor(notification, key);
    const ownKey = name !== null && isArray ? `${name}.${index}` : name;
    const targets = notification.targets ?? [notification.target ?? null];
    const draft = draftOf(notification, { targets, data: data[index] ?? "null", key: ownKey });
    ids.push(draft.id);
    for (const target of targets) drafts.push({ ...draft, target });
  }
  if (drafts.length > MAX_DRAFTS) {
    const message = `${drafts.length} targets in all, and a request may have ${MAX_DRAFTS}`;
    throw new Problem("does-not-fit", message, { errors: [{ path: "", message }] });
  }
  const several = isArray || notifications.some(({ targets }) => targets !== undefined);
  return { drafts, ids, isArray, several };
}

/** The key, as far as it counts for this notification. */
function keyFor({ id }: Notify, key: Key | null): string | null {
  if (key === null || typeof key === "string") return key;
  return id === undefined ? key.unlessId : null;
}

function draftOf(
  notification: Notify,
  { targets, data, key }: { targets: readonly (string | null)[]; data: string; key: string | null },
): Omit<Draft, "target"> {
  if (data.length > MAX_DATA_BYTES / 3 && Buffer.byteLength(data) > MAX_DATA_BYTES) {
    throw new Problem("too-large", `one data may have ${MAX_DATA_BYTES} bytes`);
  }
  if (key !== null && notification.id !== undefined) {
    throw new Problem("bad-request", "a notification is named by Idempotency-Key or by id, not by both");
  }
  const { ttl = null, topic = null, urgency = null } = notification;
  const given = key === null ? notification.id : parseAs(IdOnly, { id: key }).id;
  const id = given ?? crypto.randomUUID();
  const digest = given === undefined ? null : digestOf([targets, data, ttl, topic, urgency]);
  return { id, data, ttl, topic, urgency, digest };
}

/** The same for the same content, and short: it is remembered as long as the id is. */
function digestOf(content: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("base64").slice(0, 22);
}
