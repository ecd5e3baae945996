/** A session: one admitted connection on this node, from its start until its transport is gone. */

import { type Channel, ChannelClosedError } from "../async/channel.ts";
import type { Connection } from "../hub/connection.ts";
import { type Notification, Outbox } from "../hub/outbox.ts";
import { type Journal, UnavailableError } from "../journal/journal.ts";
import type { TokenIdentity } from "../revocation/revocations.ts";
import { CLOSE, type Close } from "../wire/close_codes.ts";
import { type After, EARLIEST, OLDEST } from "../wire/position.ts";
import type { Problem } from "../wire/problem.ts";
import type { BrowserMessage } from "../wire/protocol.ts";
import type { TransportKind } from "../wire/transport_kind.ts";
import type { Slot } from "./admission.ts";
import { CatchUp } from "./catch_up.ts";
import { type DrainPoller, StalledError } from "./drain_poller.ts";
import type { Expiring, ExpiryWheel } from "./expiry_wheel.ts";
import type { EncodeFrame } from "./frame_encoding.ts";
import { type MessageInbox, ReadPump, type ReadPumpDeps } from "./read_pump.ts";
import type { Transport, TransportListener } from "./transport.ts";
import { WritePump, type WritePumpDeps } from "./write_pump.ts";

/** A connection that may start. */
export interface AdmittedConnection extends TokenIdentity {
  /** The position after which the browser resumes, or `earliest`; null for a stream that starts with what is new. */
  readonly after: After;
  /** When its token expires, in milliseconds since 1970; null if it never does. */
  readonly expiresAt: number | null;
  readonly slot: Slot;
}

export interface DeliveryObserver {
  /** Called after these notifications were handed to the connection. */
  onSent(notifications: readonly Notification[], connection: Connection): void;
  /** Called once, when the connection ends. @param close null if the browser has left by itself */
  onEnd(session: Session, close: Close | null): void;
}

/** What all sessions of a node share. */
export interface SessionDeps {
  readonly registrations: Channel<Connection>;
  readonly deregistrations: Channel<Connection>;
  readonly inbox: MessageInbox;
  readonly journal: Pick<Journal, "read">;
  readonly drains: DrainPoller;
  readonly expiries: ExpiryWheel;
  /** True if the token was revoked since it was verified. */
  readonly isRevoked: (token: TokenIdentity) => boolean;
  readonly encodeFrame: EncodeFrame;
  readonly deliveries: DeliveryObserver;
  readonly outboxBytes: number;
  /** Called when the messages of a frame were refused. */
  readonly onRefused: (problem: Problem, connection: Connection) => void;
  /** Called when a live connection has fallen behind. */
  readonly onFellBehind: () => void;
  /** Called with the error that ended a connection, if the server caused it. */
  report(error: unknown): void;
}

/**
 * A session starts when its transport opens: it registers with the hub, and then starts its write pump. It ends once,
 * when the browser leaves, when a pump or the backend ends it, or when its token expires. The hub forgets it then. Its
 * slot is released when the transport is gone: a socket that is still closing takes up memory, and a peer that never
 * answers a close would otherwise take one slot after the other.
 *
 * The session is the connection that the hub holds, the listener of its transport, and what its pumps call to end it.
 * They call methods, because promises for the end of each connection would cost 2 KB, and most connections do nothing
 * but wait.
 */
export class Session implements Connection, TransportListener, WritePumpDeps, ReadPumpDeps, Expiring {
  readonly id = crypto.randomUUID();
  readonly connectedAt = Date.now();
  readonly outbox: Outbox;
  readonly catchUp: CatchUp;
  readonly pump: WritePump;
  readonly #transport: Transport;
  readonly #admitted: AdmittedConnection;
  readonly #deps: SessionDeps;
  #readPump: ReadPump | undefined; // made on demand, because most connections never send anything
  #isRegistered = false;
  #hasEnded = false;

  /** @param connect makes the transport, with the session as its listener */
  constructor(
    connect: (listener: TransportListener) => Transport,
    admitted: AdmittedConnection,
    deps: SessionDeps,
  ) {
    this.#admitted = admitted;
    this.#deps = deps;
    const { outboxBytes: maxBytes, onFellBehind, journal } = deps;
    const isFresh = admitted.after === EARLIEST;
    this.outbox = new Outbox(isFresh ? OLDEST : admitted.after, { maxBytes, onFellBehind });
    this.catchUp = new CatchUp(admitted.target, { outbox: this.outbox, journal, isFresh });
    this.#transport = connect(this);
    this.pump = new WritePump(this.#transport, this);
  }

  get target(): string {
    return this.#admitted.target;
  }

  /** What is known of the token that the connection was admitted with. */
  get token(): TokenIdentity {
    return this.#admitted;
  }

  get transport(): TransportKind {
    return this.#transport.kind;
  }

  get inbox(): MessageInbox {
    return this.#deps.inbox;
  }

  get drains(): DrainPoller {
    return this.#deps.drains;
  }

  get encodeFrame(): EncodeFrame {
    return this.#deps.encodeFrame;
  }

  onOpen(): void {
    this.#start().catch((error) => this.onError(error));
  }

  /** Registers before the write pump starts, so that no deregistration can precede the registration. */
  async #start(): Promise<void> {
    await this.#deps.registrations.send(this);
    this.#isRegistered = true;
    if (this.#hasEnded) return this.#deregister();
    // From now on, whoever ends the connections of revoked tokens finds this one.
    if (this.#deps.isRevoked(this.#admitted)) return this.end(CLOSE.tokenRevoked);
    const { expiresAt } = this.#admitted;
    if (expiresAt !== null) this.#deps.expiries.add(this, expiresAt);
    await this.pump.start(this);
  }

  onSent(notifications: readonly Notification[]): void {
    if (!this.#hasEnded) this.#deps.deliveries.onSent(notifications, this);
  }

  onRefused(problem: Problem): void {
    this.#deps.onRefused(problem, this);
  }

  onFrame(frame: unknown): void {
    this.#reader.take(frame);
  }

  /**
   * Takes messages that the browser posted in a request of their own, whatever its transport.
   *
   * @throws {Problem} if it takes none of them
   */
  take(messages: readonly BrowserMessage[]): void {
    this.#reader.takePosted(messages);
  }

  get #reader(): ReadPump {
    return this.#readPump ??= new ReadPump(this);
  }

  /** Closes the transport, and has the hub forget the connection at once. */
  end(close: Close): void {
    if (!this.#hasEnded) this.#transport.close(close);
    this.#end(close);
  }

  expire(): void {
    this.end(CLOSE.tokenExpired);
  }

  /** Reports an error if the server caused it. The close code tells the browser only what it has to do next. */
  onError(error: unknown): void {
    if (error instanceof StalledError) return this.end(CLOSE.stuck);
    if (error instanceof ChannelClosedError) return this.end(CLOSE.restart);
    this.#deps.report(error);
    this.end(error instanceof UnavailableError ? CLOSE.overloaded : CLOSE.broken);
  }

  onClose(): void {
    this.#end(null);
    this.#admitted.slot.release();
  }

  #end(close: Close | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#deps.deliveries.onEnd(this, close);
    const { expiresAt } = this.#admitted;
    if (expiresAt !== null) this.#deps.expiries.delete(this, expiresAt);
    if (this.#isRegistered) this.#deregister();
  }

  #deregister(): void {
    this.#deps.deregistrations.send(this).catch((error) => {
      if (!(error instanceof ChannelClosedError)) throw error; // a hub that has ended holds no connections
    });
  }
}
