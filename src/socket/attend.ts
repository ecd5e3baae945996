/** Attends one connection, from the upgrade until its socket is gone. Who may connect has been decided before. */

import { type Channel, ChannelClosed } from "../channel/channel.ts";
import { CLOSE, type Close } from "../close_codes.ts";
import type { Seat } from "../hub/admission.ts";
import type { Connection } from "../hub/connection.ts";
import { Outbox } from "../hub/outbox.ts";
import { type Journal, Unavailable } from "../journal/journal.ts";
import type { Position } from "../journal/position.ts";
import { CatchUp } from "./catch_up.ts";
import { type DrainWatch, Stuck } from "./drain_watch.ts";
import { ReadPump } from "./read_pump.ts";
import { type Received, Session } from "./session.ts";
import { SocketStream } from "./socket_stream.ts";
import { WritePump } from "./write_pump.ts";

/** A connection that was admitted. */
export interface Admitted {
  readonly target: string;
  /** Where the browser goes on; null: with what is new. */
  readonly after: Position | null;
  /** When its token expires, in milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
  readonly seat: Seat;
}

/** What the connections of this node share. */
export interface AttendParts {
  readonly registrations: Channel<Connection>;
  readonly deregistrations: Channel<Connection>;
  readonly received: Channel<Received>;
  readonly journal: Pick<Journal, "read">;
  readonly drains: DrainWatch;
  readonly outboxBytes: number;
  /** Told what ended a connection, if it was a failure on this side. */
  report(error: unknown): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1; // 24 days: a longer timer would fire at once

/** Resolves when the socket is gone. Never rejects. */
export async function attend(socket: WebSocket, admitted: Admitted, parts: AttendParts): Promise<void> {
  const stream = new SocketStream(socket);
  try {
    if (await stream.opened) await deliver(stream, admitted, parts);
  } catch (error) {
    stream.close(closeFor(error, parts));
  }
  admitted.seat.leave();
  await stream.closed;
  admitted.seat.free();
}

/** Registers a connection and runs its pumps until something ends it. */
async function deliver(stream: SocketStream, admitted: Admitted, parts: AttendParts): Promise<void> {
  const { target, after, expiresAt } = admitted;
  const id = crypto.randomUUID();
  const { promise: ended, resolve: end } = Promise.withResolvers<Close | null>(); // null: the browser closed it
  const fail = (error: unknown) => end(closeFor(error, parts));
  const outbox = new Outbox(after, { mostBytes: parts.outboxBytes });
  const catchUp = new CatchUp(outbox, (after, limit) => parts.journal.read(target, after, limit));
  const pump = new WritePump(stream, { outbox, catchUp, drains: parts.drains, end, fail });
  const reader = new ReadPump({ session: new Session({ id, target }, parts.received), pump, end });
  const connection = { id, target, connectedAt: Date.now(), outbox, pump };

  await parts.registrations.send(connection); // before the pumps start, or it could be deregistered first
  void stream.closed.then(() => end(null));
  stream.listen((frame) => reader.take(frame), { onError: fail });
  const msLeft = Math.min((expiresAt ?? Infinity) - Date.now(), LONGEST_TIMER_MS);
  const expiry = expiresAt === null ? undefined : setTimeout(() => end(CLOSE.tokenExpired), msLeft);
  try {
    await pump.start({ id, target });
    const close = await ended;
    if (close !== null) stream.close(close);
  } finally {
    clearTimeout(expiry);
    await parts.deregistrations.send(connection);
  }
}

/** What the browser is told of a failure; those of this side are reported. */
function closeFor(error: unknown, { report }: Pick<AttendParts, "report">): Close {
  if (error instanceof Stuck) return CLOSE.stuck;
  if (error instanceof ChannelClosed) return CLOSE.restart;
  report(error);
  return error instanceof Unavailable ? CLOSE.overloaded : CLOSE.broken;
}
