/** What the load says to a kind of server: how a tab asks for a connection, and how notifications are posted. */

import { centrifugo } from "./dialects/centrifugo.ts";
import { tidings } from "./dialects/tidings.ts";
import type { Server } from "./plan.ts";
import type { UpgradeRequest } from "./upgrade.ts";

export interface Dialect {
  /** Returns what a tab asks for when it upgrades. */
  connect(server: Pick<Server, "connect">, tab: TabIdentity): ConnectRequest;
  /** Whether the first text frame accepts a tab. Otherwise the upgrade does. */
  readonly acceptsByFrame: boolean;
  /** Returns the value of the header `authorization` for a publisher key. */
  authorization(key: string): string;
  /** Returns the body that posts one notification. */
  one(notification: NotificationText): string;
  /** Returns the body that posts several notifications. */
  many(notifications: readonly NotificationText[]): string;
}

export interface TabIdentity {
  readonly target: string;
  readonly token: string | null;
  /** Whether it asks for what is kept for its target. */
  readonly resumes: boolean;
}

export type ConnectRequest = Omit<UpgradeRequest, "port">;

export interface NotificationText {
  readonly target: string;
  /** The JSON text of its data. */
  readonly data: string;
}

/** Each dialect by its name, because the load is a process of its own that gets its server as JSON. */
export const DIALECTS = { tidings, centrifugo } as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;
