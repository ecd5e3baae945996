/** The React hooks of the SDK: `useNotifications`, and `useInbox`. The application brings its own React. */

"use client";

// @ts-types="./react_types.d.ts"
import { useEffect, useRef, useState } from "react";
import { connect } from "./client.ts";
import { INITIAL_STATUS } from "./status.ts";
import type {
  ConnectionStatus,
  ConnectOptions,
  Tidings,
  TidingsError,
  TidingsNotification,
} from "./tidings.ts";

export { useInbox } from "./use_inbox.ts";
export type { InboxView } from "./use_inbox.ts";

/** The options of `useNotifications`: those of `connect`, and how many notifications it keeps. */
export interface UseNotificationsOptions<Data = unknown> extends ConnectOptions<Data> {
  /** The number of notifications that it keeps. The oldest go first. The default is 100. */
  readonly max?: number;
}

/** What a component shows. */
export interface Notifications<Data = unknown> {
  /** The notifications that have arrived since the hook connected, newest first. */
  readonly notifications: readonly TidingsNotification<Data>[];
  readonly status: ConnectionStatus;
  /** The number of `missed` events. */
  readonly missed: number;
  /** The latest error. */
  readonly error: TidingsError | null;
  /** The connection, for `ack`, `send` and `askToShow`; null before the component is mounted. */
  readonly tidings: Tidings<Data> | null;
}

const INITIAL: Notifications<never> = {
  notifications: [],
  status: INITIAL_STATUS,
  missed: 0,
  error: null,
  tidings: null,
};

/**
 * Connects while the component is mounted. It reconnects when the URL, `target`, `share` or `remember` changes. It always calls
 * the latest `token`. The other options keep the values that they had when it connected.
 *
 * @param url the URL of the service; it may be relative
 *
 * @example
 * ```ts
 * import { useNotifications } from "./react.ts";
 *
 * function Bell(): string {
 *   const { notifications, status } = useNotifications("https://push.example.com", { target: "alexander" });
 *   return `${notifications.length} new, ${status.state}`;
 * }
 * ```
 */
export function useNotifications<Data = unknown>(
  url: string | URL,
  options: UseNotificationsOptions<Data> = {},
): Notifications<Data> {
  type State = Notifications<Data>;
  const [state, setState] = useState<State>(INITIAL);
  const latest = useRef(options);
  latest.current = options;
  const { target, share, remember, token, max = 100 } = options;
  useEffect(() => {
    const tidings = connect<Data>(url, {
      ...options,
      ...(token && { token: () => (latest.current.token ?? token)() }),
    });
    setState({ ...INITIAL, tidings });
    /** Changes nothing after another connection has replaced this one, which still fires `closed`. */
    const update = (change: (before: State) => Partial<State>) =>
      setState((before) => before.tidings === tidings ? { ...before, ...change(before) } : before);
    tidings.addEventListener("state", ({ detail: status }) => update(() => ({ status })));
    tidings.addEventListener("error", ({ detail: error }) => update(() => ({ error })));
    tidings.addEventListener("missed", () => update(({ missed }) => ({ missed: missed + 1 })));
    tidings.addEventListener("notification", ({ detail }) => {
      update(({ notifications }) => ({ notifications: [detail, ...notifications].slice(0, max) }));
    });
    return () => void tidings.close();
  }, [`${url}`, target, share, remember]);
  return state;
}
