/**
 * Elects the tab of a browser that has the connection, and passes messages between it and the other tabs. The client
 * loads this module only if it is to share its connection.
 */

import type { Locks } from "./browser.ts";
import type { ConnectionEnd } from "./connection_end.ts";
import type { ConnectionStatus } from "./tidings.ts";

/** A message between tabs. */
export type TabMessage =
  /** From the leader: a frame from the server. */
  | { readonly frame: string }
  /** From the leader: the current status, after a change and for a tab that has just opened. */
  | { readonly status: ConnectionStatus; readonly position: string | null }
  /** From the leader: the connection is closed for good, in all tabs. */
  | { readonly end: ConnectionEnd }
  /** To the leader: a tab has opened, or its user has returned. */
  | { readonly hello: true }
  /** To the leader: acks to send. */
  | { readonly ack: readonly string[] }
  /** To the leader: an encoded message to send. */
  | { readonly message: string }
  /** To the sender's own tab: it has received all messages before this one. */
  | { readonly probe: number };

/** What a tab does with what the others send. */
export interface TabHandlers {
  frame(frame: string): void;
  end(end: ConnectionEnd): void;
  /** Called in a tab that follows. */
  status(status: ConnectionStatus, position: string | null): void;
  /** This and the others are called in the tab that leads. */
  ack(ids: readonly string[]): void;
  message(message: string): void;
  hello(): void;
}

/** What an election needs. */
export interface TabElectionDeps {
  /** The name of the lock and of the channel: tabs with the same name share a connection. */
  readonly name: string;
  readonly receive: TabHandlers;
  /** Ends the tab's part in the election when it aborts. */
  readonly signal: AbortSignal;
}

/**
 * The browser gives the lock to one tab. When that tab closes or dies, the tab that has waited longest gets the lock
 * at once. That tab has received everything that any other has, so only what follows its position can be missing.
 */
export class TabElection {
  readonly #deps: TabElectionDeps;
  readonly #locks: Locks;
  readonly #channel: BroadcastChannel;
  readonly #probe = Math.random();
  #onCaughtUp = () => {};
  readonly #caughtUp = new Promise<void>((resolve) => this.#onCaughtUp = resolve);
  leads = false; // the bundle of the client would shorten a name that begins with `is`

  constructor(deps: TabElectionDeps, locks: Locks) {
    this.#deps = deps;
    this.#locks = locks;
    this.#channel = new BroadcastChannel(deps.name);
    this.#channel.onmessage = ({ data }) => {
      try {
        this.#receive(Object(data));
      } catch { // a frame that cannot be read ends the connection, in the tab that has it
      }
    };
    deps.signal.addEventListener("abort", () => {
      this.#channel.close();
      this.#onCaughtUp();
    });
    this.send({ hello: true });
  }

  /** Sends to all other tabs. Does nothing once the signal has aborted. */
  send(message: TabMessage): void {
    if (!this.#deps.signal.aborted) this.#channel.postMessage(message);
  }

  /** Ignores what is no message: any script of the origin may use the channel, and so may another version of this one. */
  #receive(
    { probe, frame, end, status, position, ack, message, hello }: Partial<Record<string, unknown>>,
  ): void {
    const { receive } = this.#deps;
    if (probe === this.#probe) this.#onCaughtUp();
    else if (isText(frame)) receive.frame(frame);
    else if (isEnd(end)) receive.end(end);
    else if (!this.leads) {
      if (isStatus(status) && isTextOrNull(position)) receive.status(status, position);
    } else if (Array.isArray(ack)) receive.ack(ack.filter(isText));
    else if (isText(message) && JSON.parse(message)) receive.message(message);
    else if (hello === true) receive.hello();
  }

  /** Calls `lead` when it is this tab's turn. Resolves with what that resolves with. */
  async run(lead: () => Promise<ConnectionEnd>): Promise<ConnectionEnd> {
    const { name, signal } = this.#deps;
    return await this.#locks.request(name, { signal }, async () => {
      // The lock may arrive before the last messages of the tab that had it.
      const sender = new BroadcastChannel(name); // a channel does not receive its own messages
      sender.postMessage({ probe: this.#probe });
      await this.#caughtUp;
      sender.close();
      if (signal.aborted) return { reason: "closed" };
      this.leads = true;
      const end = await lead();
      this.send({ end });
      return end;
    });
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || isText(value);
}

function isEnd(value: unknown): value is ConnectionEnd {
  return isText(Object(value).reason);
}

/** A tab that has closed says so by an `end`. */
function isStatus(value: unknown): value is ConnectionStatus {
  const { state, reason, retryInMs, target, connection } = Object(value);
  return ["connecting", "open", "waiting"].includes(state) && isText(reason) && Number.isFinite(retryInMs) &&
    isTextOrNull(target) && isTextOrNull(connection);
}

/** The `sub` of a token. A token that cannot be read stands for itself, so that only its own tabs share it. */
export function subjectOf(token: string): string {
  try {
    return JSON.parse(atob((token.split(".")[1] ?? "").replace(/[-_]/g, (sign) => sign === "-" ? "+" : "/")))
      .sub;
  } catch {
    return token;
  }
}
