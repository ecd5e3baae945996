/** Drops a span that Deno has started by itself. */

import type { Span } from "@opentelemetry/api";

/**
 * A span that never ends is never exported. Deno's own spans have the whole URL of a request or a `fetch`, and the
 * messages of errors, which quote it. An attribute that is set again is exported twice, and none can be removed.
 */
export function dropSpan(span: Span | undefined): void {
  if (span !== undefined) span.end = () => {};
}
