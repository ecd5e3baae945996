/** Opens tracing if Deno exports spans, as it does with `OTEL_DENO=true`. Otherwise its code is not loaded. */

import type { Tracing } from "../tracing/tracing.ts";

/** The place at which Deno registers what records spans, for the package `@opentelemetry/api`. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

/** Null: no spans are recorded. */
export async function openTracing(): Promise<Tracing | null> {
  const registry: unknown = Reflect.get(globalThis, REGISTRY);
  if (typeof registry !== "object" || registry === null || !("trace" in registry)) return null;
  const { Tracing } = await import("../tracing/tracing.ts");
  return new Tracing();
}
