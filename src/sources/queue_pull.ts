/** A pull: asks the queue's consumer for some messages, and hands on those that come until it has ended. */

import { createInbox, type Msg, nanos } from "@nats-io/nats-core";
import type { NatsLink } from "../nats/link.ts";
import { until } from "../until.ts";
import { QueueMessage } from "./queue_message.ts";

/**
 * `over`: all came, or the time is. `too-large`: nothing came, as the first message has more bytes. `stopped`: by the
 * signal. Otherwise the error that keeps messages from coming.
 */
export type PullEnd = "over" | "too-large" | "stopped" | Error;

export interface PullOptions {
  readonly stream: string;
  readonly consumer: string;
  /** At most so many messages, */
  readonly messages: number;
  /** and so many bytes with subjects and headers; null: one message may have any size. */
  readonly bytes: number | null;
  /** How long it may last. */
  readonly expiresMs: number;
  /** How often something is to be heard of it, be it that there is nothing. */
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
  /** Told of each message, at once; of some perhaps still after the signal. */
  take(message: QueueMessage): void;
}

/**
 * The library's own `consume` would come back half a minute after a server that was restarted, and would wait for
 * ever behind a message that has more bytes than it asked for.
 */
export async function pull(link: NatsLink, options: PullOptions): Promise<PullEnd> {
  const { signal, heartbeatMs } = options;
  const ended = Promise.withResolvers<PullEnd>();
  const end = (how: PullEnd) => ended.resolve(how);
  if (signal.aborted) return "stopped";
  if (!link.isUp) return new Error("the connection to NATS is down");
  using _told = link.tell({ down: () => end(new Error("the connection to NATS was lost")) });
  const stop = () => end("stopped");
  signal.addEventListener("abort", stop);
  const inbox = createInbox();
  let heard = true;
  const hear = hearing({ ...options, inbox, end });
  const subscription = link.connection.subscribe(inbox, {
    callback(error, message) {
      heard = true;
      if (error !== null) end(error);
      else hear(message);
    },
  });
  const watch = setInterval(() => {
    if (!heard) end(new Error("nothing is heard of the queue"));
    heard = false;
  }, 2 * heartbeatMs);
  try {
    ask(link, { ...options, inbox });
    const how = await ended.promise;
    if (how === "over" || how === "too-large" || !link.isUp) subscription.unsubscribe();
    else await until(subscription.drain(), { ms: link.requestMs }); // what is on its way is handed on
    return how;
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", stop);
  }
}

interface Asked extends PullOptions {
  /** Where the answers come to that are no messages of the queue. */
  readonly inbox: string;
}

function ask({ connection }: NatsLink, options: Asked): void {
  const { stream, consumer, messages, bytes, expiresMs, heartbeatMs, inbox } = options;
  const request = {
    batch: messages,
    ...bytes === null ? {} : { max_bytes: bytes },
    expires: nanos(expiresMs),
    idle_heartbeat: nanos(heartbeatMs),
  };
  connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
    reply: inbox,
  });
}

/** Hands on a message, and sees from it or from a status when the pull has ended (ADR-13). */
function hearing({ messages, bytes, take, inbox, end }: Asked & { end(how: PullEnd): void }) {
  let messagesLeft = messages, bytesLeft = bytes ?? Infinity;
  return function hear(message: Msg): void {
    if (message.subject === inbox) {
      const how = endIn(message);
      if (how !== null) end(how === "too-large" && messagesLeft < messages ? "over" : how);
      return;
    }
    const received = new QueueMessage(message);
    messagesLeft--;
    bytesLeft -= received.size;
    take(received);
    if (messagesLeft === 0 || bytesLeft <= 0) end("over"); // no status says so
  };
}

/** Null: it goes on. */
function endIn({ headers }: Msg): PullEnd | null {
  const code = headers?.code ?? 0, description = headers?.description ?? "";
  if (code === 100) return null; // a heartbeat
  if (code === 404 || code === 408) return "over";
  if (code === 409 && description === "Message Size Exceeds MaxBytes") return "too-large";
  return new Error(`the queue cannot be read: ${code} ${description}`.trimEnd());
}
