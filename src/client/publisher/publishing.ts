/** The public types of the publisher. */

import type { TidingsDisposal } from "../tidings.ts";

/** What all notifications have, whoever receives them. */
interface NotificationContent {
  /** Any JSON, of at most 64 KiB. */
  readonly data: unknown;
  /** Identifies the notification: a repeat is not delivered again. The publisher makes one if it is omitted. */
  readonly id?: string;
  /** Retention in seconds; omitted: the server's. 0: only tabs that are connected now receive it. */
  readonly ttl?: number;
  /** Only the newest notification of a target and topic is kept. */
  readonly topic?: string;
  readonly urgency?: "very-low" | "low" | "normal" | "high";
  /** When it is to be sent, at most 30 days ahead: RFC 3339 with a zone. */
  readonly at?: string | Date;
  /** A push to the devices of the target, unless it is acked or read in time. `after` is in seconds. */
  readonly push?: true | {
    readonly after?: number;
    readonly title?: string;
    readonly body?: string;
    readonly navigate?: string;
  };
  /** The trace that it belongs to (W3C Trace Context), which browsers receive. */
  readonly traceparent?: string;
  /** What belongs to `traceparent`. */
  readonly tracestate?: string;
}

/** A notification to one target, or to everyone. */
export type NotificationToOne =
  & NotificationContent
  & ({ readonly target: string } | { readonly everyone: true });

/** A notification to several targets. */
export type NotificationToSeveral = NotificationContent & { readonly targets: readonly string[] };

/** A notification that the service has kept. */
export interface PublishedNotification {
  readonly id: string;
  /** Its place in the journal; `null` if it is to be sent later. */
  readonly position: string | null;
  /** Until when it is kept: RFC 3339, UTC. */
  readonly expires: string;
}

/** Notifications that the service has kept, one for each notification and target, in the order of the request. */
export interface PublishedNotifications {
  readonly notifications: readonly (PublishedNotification & { readonly target: string | null })[];
}

/** Why something was not published. `message` is for people and logs. */
export interface PublishError extends Error {
  readonly name: "PublishError";
  /** True if the publisher is closed for good, for example because its key is wrong. */
  readonly final: boolean;
  /** The HTTP status of the problem; `undefined` if the server has given none. */
  readonly status: number | undefined;
  /** Such as `urn:tidings:problem:does-not-fit`; `undefined` if the server has given none. */
  readonly type: string | undefined;
  /** What does not fit, and where. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

/** The options of `publisher`. */
export interface TidingsPublisherOptions {
  /** A publisher key. A service in development mode needs none. */
  readonly key?: string;
  /** The class of the web, if `globalThis` has none: Node before 22 needs that of the package `ws`. */
  readonly WebSocket?: new (url: string, protocols: string[]) => object;
  /** Aborting it closes the publisher at once, and rejects everything that is not answered. */
  readonly signal?: AbortSignal;
  /** Called before each wait for another attempt, with the reason, for logs. */
  readonly retrying?: (reason: string, ms: number) => void;
}

/** The options of one call. */
export interface NotifyOptions {
  /** Aborting it rejects the call. The notification may still be published if it was sent. */
  readonly signal?: AbortSignal;
}

/** Publishes over one WebSocket. It reconnects, and repeats what was not answered, so that each is delivered once. */
export interface TidingsPublisher extends TidingsDisposal {
  /**
   * Resolves when the service has kept the notification. While the service cannot be reached or has no room, or the key
   * is over its limit, the call waits, so await it before there are too many.
   *
   * Rejects with a {@linkcode PublishError} if the service refuses the notification, with the reason of a signal that
   * aborts, and with what `JSON.stringify` throws.
   */
  notify(notification: NotificationToOne, options?: NotifyOptions): Promise<PublishedNotification>;
  /** The same for several targets, or an array of at most 1,000 notifications, which is refused or kept as a whole. */
  notify(
    notifications: NotificationToSeveral | readonly (NotificationToOne | NotificationToSeveral)[],
    options?: NotifyOptions,
  ): Promise<PublishedNotifications>;
  /** Resolves when everything is answered and the connection is closed. No call is accepted any more. */
  close(): Promise<void>;
}
