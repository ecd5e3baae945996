/** Tidings, as a page sees them: what `connect` takes, what it gives, and the events. Types alone. */

/** A notification that has arrived. */
export interface TidingsNotification<Data = unknown> {
  readonly id: string;
  /** The place in the journal: what `after` takes. Opaque. */
  readonly position: string;
  /** When it was accepted: RFC 3339, UTC. */
  readonly at: string;
  /** What the publisher posted. */
  readonly data: Data;
  readonly topic?: string;
  readonly urgency?: "very-low" | "low" | "normal" | "high";
}

/** `waiting` is between two attempts; `closed` is for good. */
export type TidingsState = "connecting" | "open" | "waiting" | "closed";

/** How it stands with the connection. */
export interface ConnectionStatus {
  readonly state: TidingsState;
  /** Why it is so: what ended the connection, or the attempt at one. Empty if there is nothing to say. */
  readonly reason: string;
  /** In `waiting`: in how many milliseconds it is tried again. */
  readonly retryInMs: number;
  /** What the connection goes over; null: there is none. */
  readonly transport: "websocket" | "sse" | null;
  /** Whose notifications come; null: not known yet. */
  readonly target: string | null;
  /** The server's name of the connection; null: there is none. */
  readonly connection: string | null;
}

/**
 * Some notifications will not come. `expired`: the server no longer had all of them when this page came back.
 * `slow`: the connection was too slow for what was sent. `unread`: a loop over `notifications()` did not take them.
 */
export interface Missed {
  readonly why: "expired" | "slow" | "unread";
}

/** What went wrong. After one that is `final`, nothing comes any more. */
export interface TidingsError extends Error {
  readonly name: "TidingsError";
  readonly final: boolean;
  /** The close code, if there was one. */
  readonly code?: number | undefined;
  /** The HTTP status, if there was one. */
  readonly status?: number | undefined;
}

/** The events, by their type. */
export interface TidingsEvents<Data = unknown> {
  readonly notification: CustomEvent<TidingsNotification<Data>>;
  readonly state: CustomEvent<ConnectionStatus>;
  readonly missed: CustomEvent<Missed>;
  readonly error: CustomEvent<TidingsError>;
}

/** What the browser shows of a notification while the page is hidden; null: nothing. */
export interface NativeNotification {
  readonly title: string;
  readonly body?: string;
  readonly icon?: string;
}

/** What `connect` may be told. */
export interface ConnectOptions<Data = unknown> {
  /**
   * Gets a token from your backend. Asked for the first connection, and again when the server says that the token is
   * no good any more. Without it, the cookie `tidings_token` counts, or `target`.
   */
  readonly token?: () => string | Promise<string>;
  /** Whose notifications are wanted: enough in development mode, and otherwise the token's. */
  readonly target?: string;
  /** Resumes after this position, say of an earlier page; not given, or null: what comes from now on. */
  readonly after?: string | null;
  /** `auto` (the default) acks what has been given to this page, in batches; `manual` leaves it to `ack`. */
  readonly ack?: "auto" | "manual";
  /**
   * One connection for all tabs of this browser that connect to the same URL for the same target. `after` counts in
   * the tab that has it: another one begins with what comes from now on.
   */
  readonly share?: boolean;
  /** While the page is hidden, the browser shows notifications: `true` takes `data.title`, `body` and `icon`. */
  readonly showNotification?:
    | boolean
    | ((notification: TidingsNotification<Data>) => NativeNotification | null);
  /** How many notifications a loop over `notifications()` may be behind; 1,000 if it is not said. */
  readonly unread?: number;
  /** For `JSON.parse`: for numbers with more digits than JavaScript keeps, say. */
  readonly reviver?: (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;
  /** Closes when it aborts. */
  readonly signal?: AbortSignal;
}

/** A listener to one of the events. */
export type TidingsListener<Event> = ((event: Event) => void) | { handleEvent(event: Event): void };

/** A connection that comes back by itself, and resumes where it was. */
export interface Tidings<Data = unknown> extends EventTarget, Disposable, AsyncDisposable {
  readonly status: ConnectionStatus;
  readonly state: TidingsState;
  /** The last position that this page has seen: a later `connect` with it as `after` goes on from there. */
  readonly position: string | null;
  /**
   * What comes from the call on. Ends with `close()`, and throws the error that is final. A loop that is slower than
   * what comes loses the oldest beyond `unread`, and the event `missed` tells.
   */
  notifications(): AsyncIterableIterator<TidingsNotification<Data>>;
  /** Tells the server that this page has them, for the publisher's report. Goes out in batches. */
  ack(...ids: string[]): void;
  /**
   * Sends JSON to the application. False if there is no connection, or too much waits; and for what is no JSON, has
   * more than 60 KB or is nested more than 100 deep: then an error event tells too. Throws what JSON.stringify throws.
   */
  send(data: unknown): boolean;
  /** Asks whether notifications may be shown. Browsers want that from a user's gesture: call it in a click's handler. */
  askToShow(): Promise<"granted" | "denied" | "default">;
  /** Ends it for good. Resolves when the connection is gone. */
  close(): Promise<void>;
  addEventListener<Type extends keyof TidingsEvents>(
    type: Type,
    listener: TidingsListener<TidingsEvents<Data>[Type]> | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof TidingsEvents>(
    type: Type,
    listener: TidingsListener<TidingsEvents<Data>[Type]> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}
