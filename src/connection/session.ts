/** Attends one connection, from its start until its line is gone. Who may connect has been decided before. */

import { type Channel, ChannelClosedError } from "../async/channel.ts";
import { CLOSE, type Close } from "../wire/close_codes.ts";
import type { Slot } from "./admission.ts";
import type { Connection, TransportKind } from "../hub/connection.ts";
import { type Notification, Outbox } from "../hub/outbox.ts";
import { type Journal, UnavailableError } from "../journal/journal.ts";
import type { Position } from "../wire/position.ts";
import type { BrowserMessage } from "../wire/protocol.ts";
import { CatchUp } from "./catch_up.ts";
import { type DrainPoller, StalledError } from "./drain_poller.ts";
import type { Expiring, ExpiryWheel } from "./expiry_wheel.ts";
import type { EncodeFrame } from "./framing.ts";
import type { Transport, TransportEvents } from "./transport.ts";
import { type MessageInbox, ReadPump, type ReadPumpDeps } from "./read_pump.ts";
import { WritePump, type WritePumpDeps } from "./write_pump.ts";

/** A connection that was admitted. */
export interface AdmittedConnection {
  readonly target: string;
  /** Where the browser goes on; null: with what is new. */
  readonly after: Position | null;
  /** When its token expires, in milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
  readonly slot: Slot;
}

/** Told what happens to connections. */
export interface DeliveryObserver {
  /** The connection was handed these. */
  sent(notifications: readonly Notification[], connection: Connection): void;
  /** It is not there any more, and is sent nothing. Told once. @param close why; null: the browser has left */
  left(connection: Connection, close: Close | null): void;
}

/** What all connections of this node share. */
export interface SessionDeps {
  readonly registrations: Channel<Connection>;
  readonly deregistrations: Channel<Connection>;
  readonly inbox: MessageInbox;
  readonly journal: Pick<Journal, "read">;
  readonly drains: DrainPoller;
  readonly expiries: ExpiryWheel;
  readonly frameOf: EncodeFrame;
  readonly deliveries: DeliveryObserver;
  readonly outboxBytes: number;
  /** A connection that was live has to read the journal. */
  readonly fellBehind: () => void;
  /** Told what ended a connection, if it was a failure on this side. */
  report(error: unknown): void;
}

/**
 * The connection as the hub holds it, and what its pumps call when they have to end it. Calls, and no promises that
 * wait for the end: those of a connection would cost 2 KB, and most connections do nothing but wait.
 */
export class Session implements Connection, TransportEvents, WritePumpDeps, ReadPumpDeps, Expiring {
  readonly id = crypto.randomUUID();
  readonly connectedAt = Date.now();
  readonly outbox: Outbox;
  readonly catchUp: CatchUp;
  readonly pump: WritePump;
  #reader: ReadPump | undefined; // most connections never send anything
  readonly #line: Transport;
  readonly #admitted: AdmittedConnection;
  readonly #deps: SessionDeps;
  #registered = false;
  #ended = false;

  /** @param connect makes the line, which is to tell what happens to it */
  constructor(
    connect: (events: TransportEvents) => Transport,
    admitted: AdmittedConnection,
    deps: SessionDeps,
  ) {
    this.#admitted = admitted;
    this.#deps = deps;
    this.outbox = new Outbox(admitted.after, { maxBytes: deps.outboxBytes, fellBehind: deps.fellBehind });
    this.catchUp = new CatchUp(admitted.target, { outbox: this.outbox, journal: deps.journal });
    this.#line = connect(this);
    this.pump = new WritePump(this.#line, this);
  }

  get target(): string {
    return this.#admitted.target;
  }

  get transport(): TransportKind {
    return this.#line.transport;
  }

  get inbox(): MessageInbox {
    return this.#deps.inbox;
  }

  get drains(): DrainPoller {
    return this.#deps.drains;
  }

  get frameOf(): EncodeFrame {
    return this.#deps.frameOf;
  }

  sent(notifications: readonly Notification[]): void {
    if (!this.#ended) this.#deps.deliveries.sent(notifications, this);
  }

  opened(): void {
    this.#start().catch((error) => this.failed(error));
  }

  received(frame: unknown): void {
    this.#readPump().take(frame);
  }

  /** Takes what the browser posted, whatever its transport. Throws a problem if none of it can be taken. */
  take(messages: readonly BrowserMessage[]): void {
    this.#readPump().takePosted(messages);
  }

  gone(): void {
    this.#end(null);
    this.#admitted.slot.release();
  }

  /** What went wrong, here or with the line; the browser is told as much of it as it needs. */
  failed(error: unknown): void {
    if (error instanceof StalledError) return this.end(CLOSE.stuck);
    if (error instanceof ChannelClosedError) return this.end(CLOSE.restart);
    this.#deps.report(error);
    this.end(error instanceof UnavailableError ? CLOSE.overloaded : CLOSE.broken);
  }

  /** The token has expired. */
  expire(): void {
    this.end(CLOSE.tokenExpired);
  }

  /** Closes the line, and has the hub forget the connection at once. */
  end(close: Close): void {
    if (!this.#ended) this.#line.close(close);
    this.#end(close);
  }

  #readPump(): ReadPump {
    return this.#reader ??= new ReadPump(this);
  }

  /** Registers before the pumps start, so that the hub has what may have to be deregistered. */
  async #start(): Promise<void> {
    await this.#deps.registrations.send(this);
    this.#registered = true;
    if (this.#ended) return this.#deregister();
    const { expiresAt } = this.#admitted;
    if (expiresAt !== null) this.#deps.expiries.add(this, expiresAt);
    await this.pump.start(this);
  }

  #end(close: Close | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#deps.deliveries.left(this, close);
    const { expiresAt } = this.#admitted;
    if (expiresAt !== null) this.#deps.expiries.delete(this, expiresAt);
    if (this.#registered) this.#deregister();
  }

  #deregister(): void {
    this.#deps.deregistrations.send(this).catch((error) => {
      if (!(error instanceof ChannelClosedError)) throw error; // a hub that has ended has nothing to forget
    });
    this.#admitted.slot.deregister();
  }
}
