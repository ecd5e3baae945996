/** The React hook of the SDK: `useNotifications`. React is the application's own. */

// @ts-types="./react_parts.d.ts"
import { useEffect, useRef, useState } from "react";
import { connect } from "./client.ts";
import { AT_FIRST } from "./status.ts";
import type {
  ConnectionStatus,
  ConnectOptions,
  Tidings,
  TidingsError,
  TidingsNotification,
} from "./tidings.ts";

/** What `useNotifications` may be told: the same as `connect`, and how many notifications it keeps. */
export interface UseNotificationsOptions<Data = unknown> extends ConnectOptions<Data> {
  /** 100 if it is not said; the oldest go first. */
  readonly max?: number;
}

/** What a component shows. */
export interface Notifications<Data = unknown> {
  /** What has come since the component is there, newest first. */
  readonly notifications: readonly TidingsNotification<Data>[];
  readonly status: ConnectionStatus;
  /** How many times it was told that some will not come. */
  readonly missed: number;
  /** The latest error. */
  readonly error: TidingsError | null;
  /** For `ack`, `send`, `askToShow`; null before the component is mounted. */
  readonly tidings: Tidings<Data> | null;
}

const NOTHING: Notifications<never> = {
  notifications: [],
  status: AT_FIRST,
  missed: 0,
  error: null,
  tidings: null,
};

/**
 * Connects while the component is mounted. It connects anew if the URL, `target` or `share` change; of the other
 * options, `token` is always the latest, and the rest what they were at first.
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
  const [shown, show] = useState<Notifications<Data>>(NOTHING);
  const latest = useRef(options);
  latest.current = options;
  const { target, share, token, max = 100 } = options;
  useEffect(() => {
    const tidings = connect<Data>(url, {
      ...options,
      ...(token && { token: () => (latest.current.token ?? token)() }),
    });
    show({ ...NOTHING, tidings });
    type Shown = Notifications<Data>;
    /** Not when there is another connection by now: this one still has to say that it is closed. */
    const change = (part: (before: Shown) => Partial<Shown>) =>
      show((before) => before.tidings === tidings ? { ...before, ...part(before) } : before);
    tidings.addEventListener("state", ({ detail: status }) => change(() => ({ status })));
    tidings.addEventListener("error", ({ detail: error }) => change(() => ({ error })));
    tidings.addEventListener("missed", () => change(({ missed }) => ({ missed: missed + 1 })));
    tidings.addEventListener("notification", ({ detail }) => {
      change(({ notifications }) => ({ notifications: [detail, ...notifications].slice(0, max) }));
    });
    return () => void tidings.close();
  }, [`${url}`, target, share]);
  return shown;
}
