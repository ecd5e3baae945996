/** An OTLP collector: receives the spans that a process exports as JSON over HTTP. */

import { eventually } from "../eventually.ts";

/** A span, with its attributes as texts. */
export interface CollectedSpan {
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer" | "unspecified";
  readonly traceId: string;
  readonly id: string;
  /** Empty for the root of a trace. */
  readonly parentId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** The traces that it is linked to. */
  readonly links: readonly string[];
  readonly isError: boolean;
  /** Nanoseconds since 1970. */
  readonly start: bigint;
  readonly end: bigint;
}

interface ExportedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly events: readonly { readonly name: string }[];
  readonly links: readonly { readonly traceId: string }[];
  readonly status: { readonly code?: number };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
const ERROR = 2;

export class TraceCollector implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly spans: CollectedSpan[] = [];
  /** Everything that was exported, as text. */
  received = "";

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const text = await request.text();
      this.received += text;
      if (new URL(request.url).pathname === "/v1/traces") this.spans.push(...spansIn(text));
      return Response.json({});
    });
  }

  /** The variables of a process that exports to it. */
  get environment(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_SERVICE_NAME: "tidings",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_BSP_SCHEDULE_DELAY: "10",
      OTEL_METRIC_EXPORT_INTERVAL: "50",
    };
  }

  /** Resolves with the first span of this name, when it has arrived. */
  async span(name: string, isIt: (span: CollectedSpan) => boolean = () => true): Promise<CollectedSpan> {
    const find = () => this.spans.find((span) => span.name === name && isIt(span));
    await eventually(() => find() !== undefined, `the span ${name}`);
    return find() ?? await this.span(name, isIt);
  }

  /** The names from the root of a span's trace to it, as far as the process has recorded them. */
  pathTo(span: CollectedSpan): readonly string[] {
    const parent = this.spans.find(({ id, traceId }) => id === span.parentId && traceId === span.traceId);
    return [...parent === undefined ? [] : this.pathTo(parent), span.name];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function spansIn(text: string): CollectedSpan[] {
  const { resourceSpans } = JSON.parse(text);
  return resourceSpans.flatMap((
    { scopeSpans }: { scopeSpans: readonly { spans: readonly ExportedSpan[] }[] },
  ) => scopeSpans.flatMap(({ spans }) => spans.map(toSpan)));
}

function toSpan(span: ExportedSpan): CollectedSpan {
  return {
    name: span.name,
    kind: KINDS[span.kind] ?? "unspecified",
    traceId: span.traceId,
    id: span.spanId,
    parentId: span.parentSpanId,
    attributes: Object.fromEntries(
      span.attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]),
    ),
    events: span.events.map(({ name }) => name),
    links: span.links.map(({ traceId }) => traceId),
    isError: span.status.code === ERROR,
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
  };
}
