/** `GET /v1/targets/{target}/notifications`: what the journal keeps for a target, page by page from the oldest on. */

import type { Handler } from "hono";
import { type Journal, type Page, UnavailableError } from "../../journal/journal.ts";
import { OLDEST, type Position } from "../../wire/position.ts";
import { unavailable } from "../../wire/problem.ts";
import { Target } from "../../wire/protocol.ts";
import { parsePosition } from "../auth/admit.ts";
import { segmentOf } from "../path_segment.ts";
import type { AuthorizePublisher } from "../auth/publisher.ts";

const A_PAGE = { entries: 200, bytes: 256 * 1024 };

export function keptNotifications(
  authorize: AuthorizePublisher,
  { journal }: { readonly journal: Pick<Journal, "read"> },
): Handler {
  return async function keptNotifications(c) {
    authorize(c.req.raw);
    const target = segmentOf(c, { index: 2, schema: Target });
    const after = parsePosition("after", c.req.query("after")) ?? OLDEST;
    const { entries, next, more } = await pageOf(journal, { target, after });
    const texts = entries.map(({ text }) => text).join(","); // each is JSON already, with the publisher's own numbers
    const json = `{"target":${
      JSON.stringify(target)
    },"notifications":[${texts}],"next":"${next}","more":${more}}`;
    return c.body(json, 200, { "content-type": "application/json" });
  };
}

async function pageOf(
  journal: Pick<Journal, "read">,
  { target, after }: { target: string; after: Position },
): Promise<Page> {
  try {
    return await journal.read(target, after, A_PAGE);
  } catch (cause) {
    if (!(cause instanceof UnavailableError)) throw cause;
    throw unavailable("the journal cannot be read", { cause });
  }
}
