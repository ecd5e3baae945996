/** The React hook of the inbox: `useInbox`. The application brings its own React. */

"use client";

// @ts-types="./react_types.d.ts"
import { useEffect, useState } from "react";
import { inbox } from "./inbox.ts";
import type { InboxItem, InboxOptions, TidingsInbox } from "./inbox.ts";
import type { Tidings, TidingsError } from "./tidings.ts";

/** What a component shows of an inbox. */
export interface InboxView<Data = unknown>
  extends Pick<TidingsInbox<Data>, "unread" | "more" | "state" | "reason"> {
  /** What is loaded, the newest first. */
  readonly items: readonly InboxItem<Data>[];
  /** The latest refusal of a change, which was undone. */
  readonly error: TidingsError | null;
  /** For `read`, `readAll`, `markUnread` and `loadMore`; null before the component is mounted. */
  readonly inbox: TidingsInbox<Data> | null;
}

const INITIAL: InboxView<never> = {
  items: [],
  unread: 0,
  more: false,
  state: "loading",
  reason: "",
  error: null,
  inbox: null,
};

/**
 * Keeps the inbox of a connection while the component is mounted. It begins anew when the connection changes.
 *
 * @param tidings the connection, for example that of `useNotifications`; null as long as there is none
 *
 * @example
 * ```ts
 * import { useInbox, useNotifications } from "./react.ts";
 *
 * function Bell(): string {
 *   const { tidings } = useNotifications("https://push.example.com", { target: "alexander" });
 *   const { items, unread } = useInbox(tidings);
 *   return `${unread} unread, the newest of ${items[0]?.at}`;
 * }
 * ```
 */
export function useInbox<Data = unknown>(
  tidings: Tidings<Data> | null,
  options: InboxOptions = {},
): InboxView<Data> {
  const [view, setView] = useState<InboxView<Data>>(INITIAL);
  useEffect(() => {
    if (tidings === null) return () => setView(INITIAL);
    const current = inbox(tidings, options);
    const show = () => {
      const { items, unread, more, state, reason } = current;
      setView(({ error }) => ({ items, unread, more, state, reason, error, inbox: current }));
    };
    show();
    current.addEventListener("change", show);
    current.addEventListener("error", ({ detail: error }) => setView((before) => ({ ...before, error })));
    return () => {
      current.removeEventListener("change", show);
      current.close();
      setView(INITIAL);
    };
  }, [tidings]);
  return view;
}
