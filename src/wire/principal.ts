/** Principals: who a publisher is, and what it may do. */

/** What a key may do. The order is that of the documentation. */
export const SCOPES = ["publish", "tokens", "read", "admin"] as const;

/**
 * - `publish`: send notifications, cancel them, and mark them as read
 * - `tokens`: issue tokens for subscribers
 * - `read`: metrics, delivery reports, and what is known of targets
 * - `admin`: close connections, revoke tokens, and erase targets
 */
export type Scope = typeof SCOPES[number];

/** The owner of a key, as logs and metrics name it. The key itself is never shown. */
export interface Principal {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** The principal of every request in development mode, where nobody has a key. */
export const ANYONE: Principal = { name: "anyone", scopes: SCOPES };
