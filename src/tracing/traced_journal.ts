/** A journal whose appends are spans. What it appends names its span, so that deliveries can continue the trace. */

import { type Context, context, type Span, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import type { Draft, Journal, Page, PageLimit, Receipt } from "../journal/journal.ts";
import type { JournalStats } from "../journal/journal_stats.ts";
import type { InboxPage, MarkReceipt, ReadChange } from "../journal/read.ts";
import { nameOf } from "../wire/error_message.ts";
import type { Position } from "../wire/position.ts";
import { contextOf, sampledParent, traceIdOf } from "./span_context.ts";

const MAX_LINKS = 32;

export class TracedJournal implements Journal {
  readonly #journal: Journal;
  readonly #tracer: Tracer;

  constructor(journal: Journal, tracer: Tracer) {
    this.#journal = journal;
    this.#tracer = tracer;
  }

  async append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const span = this.#startSpan(drafts), own = sampledParent(span);
    try {
      return await this.#journal.append(drafts.map((draft) => continuing(draft, own)));
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute("error.type", nameOf(error));
      throw error;
    } finally {
      span.end();
    }
  }

  follow(target: string): Promise<void> {
    return this.#journal.follow(target);
  }

  unfollow(target: string): void {
    this.#journal.unfollow(target);
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    return this.#journal.read(target, after, limit);
  }

  mark(target: string, change: ReadChange): Promise<MarkReceipt> {
    return this.#journal.mark(target, change);
  }

  inbox(target: string, before: Position | null, limit: PageLimit): Promise<InboxPage> {
    return this.#journal.inbox(target, before, limit);
  }

  forget(target: string): Promise<void> {
    return this.#journal.forget(target);
  }

  stats(): JournalStats {
    return this.#journal.stats();
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  /**
   * The parent is the request. Without one, as for rows, lines of a socket and what was scheduled, it is what the drafts
   * belong to, if that is one trace. Other traces are linked to.
   */
  #startSpan(drafts: readonly Draft[]): Span {
    const origins = [...new Set(drafts.flatMap((draft) => originOf(draft) ?? []))];
    const [first] = origins;
    const parent = parentOf({ active: context.active(), first, isOnly: origins.length === 1 });
    const parentId = trace.getSpanContext(parent)?.traceId;
    const others = origins.filter((origin) => traceIdOf(origin) !== parentId).slice(0, MAX_LINKS);
    const links = others.flatMap((origin) => {
      const linked = trace.getSpanContext(contextOf(origin));
      return linked === undefined ? [] : { context: linked };
    });
    const attributes = { "tidings.notifications": drafts.length };
    return this.#tracer.startSpan("journal.append", { attributes, links }, parent);
  }
}

function parentOf(
  { active, first, isOnly }: { active: Context; first: string | undefined; isOnly: boolean },
): Context {
  return trace.getSpan(active) === undefined && first !== undefined && isOnly ? contextOf(first) : active;
}

function originOf({ trace, span }: Draft): string | undefined {
  return trace?.traceparent ?? span;
}

/** A draft of another trace is delivered in that one. If the append is not recorded, neither is what follows. */
function continuing(draft: Draft, own: string | undefined): Draft {
  const { span: _, ...rest } = draft;
  if (own === undefined) return rest;
  const origin = originOf(draft);
  return { ...rest, span: origin !== undefined && traceIdOf(origin) !== traceIdOf(own) ? origin : own };
}
