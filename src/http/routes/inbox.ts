/** `GET /v1/inbox`: the newest notifications of the caller's target, and what the target has read. */

import type { Handler } from "hono";
import { withoutType, withReadFlag } from "../../journal/entry.ts";
import type { Entry, Journal } from "../../journal/journal.ts";
import type { InboxPage, ReadMark } from "../../journal/read.ts";
import { readTest } from "../../journal/mark.ts";
import type { Position } from "../../wire/position.ts";
import { unavailable } from "../../wire/problem.ts";
import type { SubscriberEnv } from "../auth/admit.ts";
import { parseLimit } from "../limit_param.ts";
import { parsePosition } from "../position_param.ts";
import { orUnavailable } from "./or_unavailable.ts";

export interface InboxDeps {
  readonly journal: Pick<Journal, "inbox">;
  readonly isDraining: () => boolean;
  /** False while the journal is known to be out of reach. */
  readonly isReachable: () => boolean;
}

const MAX_BYTES = 256 * 1024;
const LIMITS = { max: 200, byDefault: 50 };

/** Behind `requireSubscriber`, refuses in this order: 400, 503. */
export function inbox({ journal, isDraining, isReachable }: InboxDeps): Handler<SubscriberEnv> {
  return async function inbox(c) {
    const { target } = c.get("subscriber");
    const before = parsePosition("before", c.req.query("before"));
    const limit = parseLimit(c.req.query("limit"), LIMITS);
    if (isDraining()) throw unavailable("this node is stopping"); // the page could not connect here either
    if (!isReachable()) throw unavailable("the journal cannot be reached");
    const page = await readable(journal.inbox(target, before, { entries: limit, bytes: MAX_BYTES }));
    const { entries, mark, more } = page;
    const texts = textsWithRead(entries, mark).map(withoutType).join(",");
    const json = `${
      JSON.stringify(stateOf(target, page)).slice(0, -1)
    },"notifications":[${texts}],"more":${more}}`;
    return c.body(json, 200, { "content-type": "application/json", "cache-control": "no-store" });
  };
}

/** What the target has read, without the notifications. */
export function stateOf(target: string, { unread, position, mark: { through } }: InboxPage): {
  target: string;
  unread: number;
  position: Position;
  through: Position | null;
} {
  return { target, unread, position, through };
}

/** The texts of notifications, as browsers receive them, each with `read`. */
export function textsWithRead(entries: readonly Entry[], mark: ReadMark): string[] {
  const isRead = readTest(mark);
  return entries.map(({ text, position }) => withReadFlag(text, isRead(position)));
}

/** Resolves with what the journal has read. Rejects with 503 if it cannot be read at the moment. */
export function readable<T>(reading: Promise<T>): Promise<T> {
  return orUnavailable(reading, "the journal cannot be read");
}
