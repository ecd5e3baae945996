/** The public types of the SDK: the options of `connect`, its result, and the events. */

/** A notification that has arrived. */
export interface TidingsNotification<Data = unknown> {
  readonly id: string;
  /** The position in the journal, for `after`. It is opaque: do not parse or compare it. */
  readonly position: string;
  /** The time when the service accepted it: RFC 3339, UTC. */
  readonly at: string;
  /** What the publisher posted. Its type is not checked at run time. */
  readonly data: Data;
  readonly topic?: string;
  readonly urgency?: "very-low" | "low" | "normal" | "high";
  /** The trace that the publisher has sent it in (W3C Trace Context), if it has sent one. */
  readonly traceparent?: string;
  /** What belongs to `traceparent`. */
  readonly tracestate?: string;
}

/** `waiting`: the SDK waits before the next attempt. `closed`: the connection is closed for good. */
export type TidingsState = "connecting" | "open" | "waiting" | "closed";

/** The status of the connection. */
export interface ConnectionStatus {
  readonly state: TidingsState;
  /** What ended the connection or the attempt, for people and logs. It is empty while `open`. */
  readonly reason: string;
  /** In `waiting`: the time until the next attempt, in milliseconds. */
  readonly retryInMs: number;
  /** The transport in use; null without one. */
  readonly transport: "websocket" | "sse" | null;
  /** The user whose notifications arrive; null before the first connection. */
  readonly target: string | null;
  /** The server's id of the connection; null without one. */
  readonly connection: string | null;
}

/**
 * Some notifications will not arrive. `expired`: the server no longer had all of them when this page reconnected.
 * `slow`: the connection was too slow for what was sent. `unread`: a loop over `notifications()` did not take its
 * notifications in time.
 */
export interface Missed {
  readonly why: "expired" | "slow" | "unread";
}

/** What went wrong. After a `final` error, nothing arrives any more. */
export interface TidingsError extends Error {
  readonly name: "TidingsError";
  readonly final: boolean;
  /** The close code, if there was one. */
  readonly code?: number | undefined;
  /** The HTTP status, if there was one. */
  readonly status?: number | undefined;
}

/** What the user has read, on whatever device: everything up to `through` except for `unread`, and `read`. */
export interface TidingsReadState {
  readonly position: string;
  /** The time of the latest change: RFC 3339, UTC. */
  readonly at: string;
  /** A position; null: nothing. */
  readonly through: string | null;
  /** Positions after `through`. */
  readonly read: readonly string[];
  /** Positions up to `through`. */
  readonly unread: readonly string[];
}

/** A change of what the user has read. The answer, the event `marked`, repeats `ref`. */
export type MarkMessage =
  & (
    | { readonly type: "read" | "unread"; readonly positions: readonly string[] }
    | { readonly type: "read"; readonly through: string }
  )
  & { readonly ref: string };

/** The server has merged a change of what the user has read, or has refused it, if there is a problem. */
export interface MarkAnswer {
  readonly ref: string;
  readonly problem?: { readonly status: number; readonly title: string; readonly detail: string };
}

/** What `request` sends: a `GET` by default. */
export interface TidingsRequest {
  readonly method?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON, for example. */
  readonly body?: string;
}

/** A native notification that is shown: a `Notification`. */
export interface ShownNotification extends Pick<EventTarget, "addEventListener"> {
  /** The position of the notification. */
  readonly tag: string;
  close(): void;
}

/** The events, by their type. */
export interface TidingsEvents<Data = unknown> {
  readonly notification: CustomEvent<TidingsNotification<Data>>;
  readonly state: CustomEvent<ConnectionStatus>;
  readonly missed: CustomEvent<Missed>;
  readonly error: CustomEvent<TidingsError>;
  readonly read: CustomEvent<TidingsReadState>;
  readonly marked: CustomEvent<MarkAnswer>;
  readonly shown: CustomEvent<ShownNotification>;
  /** The user leaves the page, or the page closes the connection, if there is one: what is sent now is the last. */
  readonly leave: CustomEvent<null>;
}

/** A native notification, which the browser shows while the page is hidden. */
export interface NativeNotification {
  readonly title: string;
  readonly body?: string;
  readonly icon?: string;
}

/** The options of `connect`. */
export interface ConnectOptions<Data = unknown> {
  /**
   * Gets a token from your backend, or null if the user has signed out, which closes the connection for good. The SDK
   * calls it for the first connection, when the token has expired, and after every attempt that brought no welcome. If
   * it throws, does not settle within 15 seconds or returns something else, the SDK retries with back-off. Without it,
   * the cookie `tidings_token` identifies the user.
   */
  readonly token?: () => string | null | Promise<string | null>;
  /** The user whose notifications you want. Suffices in development mode; else it has to be the token's target. */
  readonly target?: string;
  /**
   * Resumes after this position, for example that of an earlier page. `earliest`: begins with the oldest notification
   * that the service keeps. Omitted or null: only what is sent from now on. The SDK reconnects after its last position.
   */
  readonly after?: string | null;
  /**
   * Your name for the user, under which the browser remembers the position: the next page resumes after it, in place of
   * `after`. It is kept in `localStorage` with the user's target, and not used if the service welcomes another target.
   */
  readonly remember?: string;
  /** `auto` (the default) acks every notification that the page has received. `manual` leaves that to `ack`. */
  readonly ack?: "auto" | "manual";
  /**
   * Uses one connection for all tabs of the browser with the same URL and the same target. `after` counts only in the
   * tab that has the connection: other tabs receive what is sent from now on.
   */
  readonly share?: boolean;
  /** Shows a native notification while the page is hidden: `true` takes `data.title`, `data.body` and `data.icon`. */
  readonly showNotification?:
    | boolean
    | ((notification: TidingsNotification<Data>) => NativeNotification | null);
  /** The number of notifications that wait for a loop over `notifications()`. The default is 1,000. */
  readonly unread?: number;
  /** The second argument of `JSON.parse`, for example for numbers with more digits than JavaScript keeps. */
  readonly reviver?: (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;
  /** Closes the connection when it aborts. */
  readonly signal?: AbortSignal;
}

/** A listener for one type of event. */
export type TidingsListener<Event> = ((event: Event) => void) | { handleEvent(event: Event): void };

/** An event target whose types of events are known, besides any others. */
export interface TypedEventTarget<Events> extends EventTarget {
  addEventListener<Type extends keyof Events>(
    type: Type,
    listener: TidingsListener<Events[Type]> | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof Events>(
    type: Type,
    listener: TidingsListener<Events[Type]> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** A symbol of `Symbol`, if the project's library of types has it. TypeScript's newest alone has `dispose`. */
type SymbolNamed<Name extends string> = SymbolConstructor extends
  { readonly [_ in Name]: infer Key extends symbol } ? Key
  : never;

/** What `using` and `await using` call. */
export type TidingsDisposal =
  & Record<SymbolNamed<"dispose">, () => void>
  & Record<SymbolNamed<"asyncDispose">, () => Promise<void>>;

/** A connection that reconnects automatically and resumes where it left off. */
export interface Tidings<Data = unknown> extends TypedEventTarget<TidingsEvents<Data>>, TidingsDisposal {
  /** The URL of the service, without a slash at the end. */
  readonly url: string;
  /** The state of the connection, and why. The object is replaced when it changes. */
  readonly status: ConnectionStatus;
  /** Short for `status.state`. */
  readonly state: TidingsState;
  /** The last position that this page has received. A later `connect` resumes after it, with the option `after`. */
  readonly position: string | null;
  /**
   * Iterates over what arrives after the call. The loop ends with `close()`, and throws a final error. A loop that is
   * slower than what arrives loses the oldest notifications beyond `unread`, and the event `missed` fires.
   */
  notifications(): AsyncIterableIterator<TidingsNotification<Data>>;
  /**
   * Tells the server that this page has received the notifications: reports count it, and pushes are withdrawn. It is sent
   * in batches, and without a connection after the next one is open.
   */
  ack(...ids: string[]): void;
  /**
   * Sends JSON to the application. Returns true when the message is queued. It is kept until the server has confirmed
   * it, and may arrive twice if the connection breaks. Returns false without a connection and while 100 messages wait.
   * Returns false and fires a non-final error event if the data is not JSON, is larger than 60 KB, or is nested more
   * than 100 levels deep. Throws what `JSON.stringify` throws.
   */
  send(data: unknown): boolean;
  /**
   * Sends a change of what the user has read: 1,000 positions at most. Returns like `send`. The event `marked` has the
   * answer; if none comes, send the change again. `@tidings/client/inbox` does all of this.
   */
  mark(message: MarkMessage): boolean;
  /**
   * Sends a request to a route below `/v1/`, with the token of this connection. Resolves with the JSON of the response,
   * or null if it is empty. Rejects with an error that says why, also if the response is no success.
   */
  request(route: string, options?: TidingsRequest): Promise<unknown>;
  /** Asks for permission to show native notifications. Browsers require a user's gesture: call it in a click handler. */
  askToShow(): Promise<"granted" | "denied" | "default">;
  /** Sends a last frame of acks and one of messages, and closes for good. Resolves when the connection is gone. */
  close(): Promise<void>;
}
