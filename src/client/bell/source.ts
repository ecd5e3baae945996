/** Where the bell's notifications come from: an inbox of the page, a connection of the page, or one of its own. */

import { connect } from "../client.ts";
import { inbox, type TidingsInbox } from "../inbox.ts";
import type { ConnectOptions, Tidings } from "../tidings.ts";

/** What a page may give to a bell. The first that is there counts. */
export interface BellSource {
  readonly inbox: TidingsInbox | null;
  readonly tidings: Tidings | null;
  readonly url: string | null;
  /** Of the bell's own connection. */
  readonly options: ConnectOptions;
}

export interface OpenSource {
  readonly inbox: TidingsInbox;
  /** Null for an inbox of the page. */
  readonly tidings: Tidings | null;
  /** Closes what the bell has opened, and nothing of the page's. */
  close(): void;
}

/** Returns null without any source. */
export function openSource(given: BellSource): OpenSource | null {
  if (given.inbox) return { inbox: given.inbox, tidings: null, close: () => {} };
  const own = given.tidings || !given.url ? null : connect(given.url, given.options);
  const tidings = given.tidings ?? own;
  if (!tidings) return null;
  const opened = inbox(tidings);
  return {
    inbox: opened,
    tidings,
    close() {
      opened.close();
      void own?.close();
    },
  };
}
