/** A history at the SDK: what a server does with each attempt to connect, and what happens meanwhile, as JSON. */

export interface SdkHistory {
  readonly seed: number;
  readonly options: {
    readonly ack: "auto" | "manual";
    readonly after: string | null;
    readonly token: TokenBehaviour;
    /** Without, it uses Server-Sent Events at once. */
    readonly hasWebSocket: boolean;
    /** A listener closes the connection when it receives this notification; null: never. */
    readonly closesOn: number | null;
  };
  /** What becomes of each attempt to open a transport, in order. After the last, all are accepted. */
  readonly attempts: readonly Attempt[];
  readonly steps: readonly Step[];
}

export type TokenBehaviour = "none" | "fixed" | "fresh" | "throws" | "null later" | "slow" | "page of HTML";

export type Attempt =
  | { readonly do: "accept"; readonly ms: number }
  /** The welcome never comes. */
  | { readonly do: "open"; readonly ms: number }
  | {
    readonly do: "refuse";
    readonly status: number;
    /** Whether the refusal is a problem of Tidings, or of something on the way. */
    readonly isOurs: boolean;
    readonly retryAfter: string | null;
  }
  | { readonly do: "fail" | "hang" };

export type Step = { readonly afterMs: number } & (ServerStep | PageStep);

export type ServerStep =
  | { readonly do: "frame"; readonly messages: readonly Message[] }
  | { readonly do: "text"; readonly text: string }
  | { readonly do: "close"; readonly code: number }
  | { readonly do: "cut" }
  /** How it answers what it is sent, from now on. */
  | { readonly do: "answers"; readonly with: Answering };

/** `busy`: it has no room for what is posted, and says so. */
export type Answering = "everything" | "nothing" | "busy";

export type PageStep =
  | { readonly do: "ack"; readonly ids: readonly number[] }
  | { readonly do: "send"; readonly size: number }
  | { readonly do: "mark" | "close" | "loop" | "break" }
  | {
    readonly do: "event";
    readonly type: "online" | "offline" | "visibilitychange" | "pagehide" | "pageshow";
  };

/** A message of the server. A notification is one of few, so that repeats are frequent. */
export type Message =
  | { readonly is: "notification"; readonly number: number; readonly epoch: number }
  | { readonly is: "missed" | "pong" | "read" }
  | { readonly is: "refusal"; readonly status: number }
  /** What a server must not send in the middle. */
  | { readonly is: "welcome"; readonly target: string; readonly recovered: boolean | null }
  | { readonly is: "unknown"; readonly value: unknown };
