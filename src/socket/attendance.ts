/** Attends one connection, from the upgrade until its socket is gone. Who may connect has been decided before. */

import { type Channel, ChannelClosed } from "../channel/channel.ts";
import { CLOSE, type Close } from "../close_codes.ts";
import type { Seat } from "../hub/admission.ts";
import type { Connection } from "../hub/connection.ts";
import { type Notification, Outbox } from "../hub/outbox.ts";
import { type Journal, Unavailable } from "../journal/journal.ts";
import type { Position } from "../journal/position.ts";
import { CatchUp } from "./catch_up.ts";
import { type DrainWatch, Stuck } from "./drain_watch.ts";
import type { Frame } from "./framing.ts";
import { ReadPump, type ReadPumpParts } from "./read_pump.ts";
import { type Received, Session } from "./session.ts";
import { type SocketEvents, SocketStream } from "./socket_stream.ts";
import { WritePump, type WritePumpParts } from "./write_pump.ts";

/** A connection that was admitted. */
export interface Admitted {
  readonly target: string;
  /** Where the browser goes on; null: with what is new. */
  readonly after: Position | null;
  /** When its token expires, in milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
  readonly seat: Seat;
}

/** What all connections of this node share. */
export interface AttendanceParts {
  readonly registrations: Channel<Connection>;
  readonly deregistrations: Channel<Connection>;
  readonly received: Channel<Received>;
  readonly journal: Pick<Journal, "read">;
  readonly drains: DrainWatch;
  readonly frameOf: Frame;
  /** Told which notifications a connection was sent. */
  readonly deliveries: { sent(notifications: readonly Notification[], connection: string): void };
  readonly outboxBytes: number;
  /** Told what ended a connection, if it was a failure on this side. */
  report(error: unknown): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1; // 24 days: a longer timer would fire at once

/**
 * The connection as the hub holds it, and what its pumps call when they have to end it. Calls, and no promises that
 * wait for the end: those of a connection would cost 2 KB, and most connections do nothing but wait.
 */
export class Attendance implements Connection, SocketEvents, WritePumpParts, ReadPumpParts {
  readonly id = crypto.randomUUID();
  readonly connectedAt = Date.now();
  readonly outbox: Outbox;
  readonly catchUp: CatchUp;
  readonly pump: WritePump;
  readonly session: Session;
  readonly #reader: ReadPump;
  readonly #stream: SocketStream;
  readonly #admitted: Admitted;
  readonly #parts: AttendanceParts;
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #registered = false;
  #ended = false;

  constructor(socket: WebSocket, admitted: Admitted, parts: AttendanceParts) {
    this.#admitted = admitted;
    this.#parts = parts;
    this.outbox = new Outbox(admitted.after, { mostBytes: parts.outboxBytes });
    this.catchUp = new CatchUp(admitted.target, { outbox: this.outbox, journal: parts.journal });
    this.session = new Session(this, parts.received);
    this.#stream = new SocketStream(socket, this);
    this.pump = new WritePump(this.#stream, this);
    this.#reader = new ReadPump(this);
  }

  get target(): string {
    return this.#admitted.target;
  }

  get drains(): DrainWatch {
    return this.#parts.drains;
  }

  get frameOf(): Frame {
    return this.#parts.frameOf;
  }

  sent(notifications: readonly Notification[]): void {
    this.#parts.deliveries.sent(notifications, this.id);
  }

  opened(): void {
    this.#start().catch((error) => this.failed(error));
  }

  received(frame: unknown): void {
    this.#reader.take(frame);
  }

  gone(): void {
    this.#end();
    this.#admitted.seat.free();
  }

  /** What went wrong, here or with the socket; the browser is told as much of it as it needs. */
  failed(error: unknown): void {
    if (error instanceof Stuck) return this.end(CLOSE.stuck);
    if (error instanceof ChannelClosed) return this.end(CLOSE.restart);
    this.#parts.report(error);
    this.end(error instanceof Unavailable ? CLOSE.overloaded : CLOSE.broken);
  }

  /** Closes the socket, and has the hub forget the connection at once. */
  end(close: Close): void {
    if (!this.#ended) this.#stream.close(close);
    this.#end();
  }

  /** Registers before the pumps start, so that the hub has what may have to be deregistered. */
  async #start(): Promise<void> {
    await this.#parts.registrations.send(this);
    this.#registered = true;
    if (this.#ended) return this.#deregister();
    const { expiresAt } = this.#admitted;
    if (expiresAt !== null) {
      const msLeft = Math.min(expiresAt - Date.now(), LONGEST_TIMER_MS);
      this.#expiry = setTimeout(() => this.end(CLOSE.tokenExpired), msLeft);
    }
    await this.pump.start(this);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#expiry);
    if (this.#registered) this.#deregister();
  }

  #deregister(): void {
    this.#parts.deregistrations.send(this).catch((error) => {
      if (!(error instanceof ChannelClosed)) throw error; // a hub that has ended has nothing to forget
    });
    this.#admitted.seat.leave();
  }
}
