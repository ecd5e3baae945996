/** Tracing: wraps the parts of a node so that what they do is recorded as spans. Loaded only if Deno exports spans. */

import { trace } from "@opentelemetry/api";
import type { Feed, Journal } from "../journal/journal.ts";
import { VERSION } from "../wire/version.ts";
import { DeliverySpans } from "./delivery_spans.ts";
import { answerInSpan, type SpanRoute } from "./request_spans.ts";
import { sampledParent } from "./span_context.ts";
import { tracedFetch } from "./traced_fetch.ts";
import { TracedJournal } from "./traced_journal.ts";
import { type PushDelivering, type TracedPush, tracedPushes } from "./traced_pushes.ts";

export class Tracing {
  readonly #tracer = trace.getTracer("tidings", VERSION);
  readonly #deliveries = new DeliverySpans(this.#tracer);
  /** For messages to the application, which continues their trace. */
  readonly webhookFetch: typeof fetch = tracedFetch(this.#tracer, { name: "webhook", handsOn: true });
  /** For push services, which are told nothing of the trace: by it, they could tell which devices belong together. */
  readonly pushFetch: typeof fetch = tracedFetch(this.#tracer, { name: "push service", handsOn: false });

  /** The active span as a `traceparent`. Undefined if there is none, or if it is not sampled. */
  readonly currentSpan = (): string | undefined => sampledParent(trace.getActiveSpan());

  /** Has a request answered within its span. */
  answer(
    request: SpanRoute & { readonly request: Request },
    answer: () => Response | Promise<Response>,
  ): Response | Promise<Response> {
    return answerInSpan(this.#tracer, request, answer);
  }

  journal(journal: Journal): Journal {
    return new TracedJournal(journal, this.#tracer);
  }

  feed(feed: Feed): Feed {
    return this.#deliveries.feed(feed);
  }

  pushes<P extends TracedPush, R>(delivery: PushDelivering<P, R>): PushDelivering<P, R> {
    return tracedPushes(delivery, this.#tracer);
  }

  /** Must be called after notifications were handed to a connection. */
  sent(notifications: readonly { readonly position: string }[]): void {
    this.#deliveries.sent(notifications);
  }

  /** Records what is still on its way. */
  close(): void {
    this.#deliveries.close();
  }
}
