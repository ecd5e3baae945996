/** The JSON that the server answers and sends, with the members of all kinds of it. */

/** A member is missing at run time where the protocol does not have it. */
export interface Body {
  readonly accepted_at: string;
  readonly acked: number;
  readonly at: string;
  readonly closed: number;
  readonly code: number | string;
  readonly connection: string;
  readonly connections: readonly Body[];
  readonly data: unknown;
  readonly detail: string;
  readonly details: readonly Body[];
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly expires: string;
  readonly expires_at: string;
  readonly first_ack_ms: number | null;
  readonly id: string;
  readonly issued_before: string;
  readonly jti: string;
  readonly kept_until: string;
  readonly key: string;
  readonly last_seen: string | null;
  readonly limits: { readonly notifications: number; readonly bytes: number };
  readonly message: string;
  readonly more: boolean;
  readonly name: string;
  readonly next: string;
  readonly notifications: readonly Body[];
  readonly position: string;
  readonly problem: Body;
  readonly push: { readonly due_at: string; readonly sent: number; readonly gone: number } | boolean | null;
  readonly read: readonly string[] | boolean | number;
  readonly reason: string;
  readonly recovered: boolean | null;
  readonly ref: string;
  readonly reports: readonly Body[];
  readonly retry: string;
  readonly scheduled_at: string;
  readonly scopes: readonly string[];
  readonly sent: number;
  readonly services: Readonly<Record<string, number>>;
  readonly status: number;
  readonly subscriptions: number;
  readonly target: string | null;
  readonly targets: readonly Body[];
  readonly through: string | null;
  readonly title: string;
  readonly token: string;
  readonly topic: string;
  readonly transport: string;
  readonly transports: { readonly websocket: number; readonly sse: number };
  readonly type: string;
  readonly unread: readonly string[] | number;
  readonly urgency: string;
}
