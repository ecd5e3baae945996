/** The processor: dispatches each message from a browser by its type, and never waits for a handler. */

import type { Channel } from "../async/channel.ts";
import type { ReceivedMessage } from "../connection/read_pump.ts";
import { parseTraceContext, type TraceContext } from "../wire/trace_context.ts";
import type { ReceivedMark } from "./marks.ts";

/** A message for the application, with the connection and the target that it came from. */
export interface ApplicationMessage {
  readonly connection: string;
  readonly target: string;
  readonly data: unknown;
  /** The trace that the browser has put it into. */
  readonly trace?: TraceContext;
}

function traceOf(
  { traceparent, tracestate }: { traceparent?: string | undefined; tracestate?: string | undefined },
): Pick<ApplicationMessage, "trace"> {
  const trace = parseTraceContext(traceparent, tracestate);
  return trace === undefined ? {} : { trace };
}

/** The handlers are synchronous, so a slow recipient of messages cannot delay acks. */
export interface MessageHandlers {
  /** A connection of the target acks the notifications with these ids. */
  ack(ids: readonly string[], from: Pick<ReceivedMessage, "connection" | "target">): void;
  message(message: ApplicationMessage): void;
  mark(mark: ReceivedMark): void;
}

/** Runs until the channel is closed and empty. */
export async function dispatchReceived(
  received: Channel<ReceivedMessage>,
  handlers: MessageHandlers,
): Promise<void> {
  for await (const one of received) {
    const { connection, target, message, pump } = one;
    switch (message.type) {
      case "ack":
        handlers.ack(message.ids, one);
        break;
      case "message":
        handlers.message({ connection, target, data: message.data, ...traceOf(message) });
        break;
      case "read":
      case "unread":
        handlers.mark({ target, message, pump });
        break;
      default:
        message satisfies never;
    }
  }
}
