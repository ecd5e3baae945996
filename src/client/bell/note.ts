/** The sentence that says why the bell's list is empty, or may be out of date. */

import type { TidingsInbox } from "../inbox.ts";
import type { ConnectionStatus, TidingsError } from "../tidings.ts";
import type { BellTexts } from "./bell_texts.ts";

export interface NoteDeps {
  /** Null without a connection that the bell knows. */
  readonly status: ConnectionStatus | null;
  /** The error that has ended the connection for good. */
  readonly error: TidingsError | null;
  readonly inbox: Pick<TidingsInbox, "state" | "items"> | null;
}

/** Close code 4003: the backend has closed the connection, which is how it signs a user out everywhere. */
const CLOSED_BY_BACKEND = 4003;

/** Empty if the list speaks for itself. */
export function noteOf({ status, error, inbox }: NoteDeps, texts: BellTexts): string {
  const isReady = inbox?.state === "ready",
    isSignedOut = error?.status === 401 || error?.code === CLOSED_BY_BACKEND;
  if (status?.state === "closed") return isSignedOut ? texts.signedOut : texts.failed;
  if (status?.state === "waiting" || inbox?.state === "failed") {
    return isReady ? texts.offline : texts.unreachable;
  }
  if (!isReady) return texts.loading;
  return inbox.items.length === 0 ? texts.empty : "";
}
