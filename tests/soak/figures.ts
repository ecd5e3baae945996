/** The figures that a soak looks at, and how exactly each has to return to where it was. */

import type { Values } from "./look/observer.ts";

export interface Figure {
  readonly name: keyof Values & string;
  readonly title: string;
  readonly unit: "bytes" | "count";
  /** How much more there may be at the end than at the start. */
  readonly tolerance: (start: number) => number;
  /** Whether it is known only when the node rests. */
  readonly restOnly?: true;
}

const MEBIBYTE = 1024 * 1024;
/** A task that waits may still hold the last objects that it has handled. */
export const FEW = 8;
const exactly = () => 0;

/**
 * The allocator keeps pages that it may need again: over six waves, the resident memory at rest rose by a quarter, less
 * each time. V8's heap is counted after its garbage is collected; code that was compiled, or thrown away, in between makes
 * the difference. What leaks in it is noticed by its class or its collection long before.
 */
export const FIGURES: readonly Figure[] = [
  { name: "residentBytes", title: "resident memory", unit: "bytes", tolerance: (start) => 0.3 * start },
  { name: "heapUsed", title: "V8 heap", unit: "bytes", tolerance: () => 3 * MEBIBYTE },
  { name: "external", title: "buffers outside of the heap", unit: "bytes", tolerance: () => MEBIBYTE },
  { name: "timers", title: "timers", unit: "count", tolerance: () => FEW, restOnly: true },
  { name: "resources", title: "Deno resources", unit: "count", tolerance: exactly, restOnly: true },
  { name: "sockets", title: "sockets", unit: "count", tolerance: exactly },
  { name: "pipes", title: "pipes", unit: "count", tolerance: exactly },
  { name: "otherFiles", title: "other open files", unit: "count", tolerance: exactly },
  { name: "threads", title: "threads", unit: "count", tolerance: exactly },
  { name: "websockets", title: "WebSockets", unit: "count", tolerance: exactly },
  { name: "eventStreams", title: "event streams", unit: "count", tolerance: exactly },
  { name: "targets", title: "targets that are connected", unit: "count", tolerance: exactly },
  { name: "slots", title: "slots of connections", unit: "count", tolerance: exactly },
  { name: "publishers", title: "sockets of publishers", unit: "count", tolerance: exactly },
  { name: "behind", title: "connections that are behind", unit: "count", tolerance: exactly },
  { name: "feed", title: "notifications on their way to the hub", unit: "count", tolerance: exactly },
  { name: "outboxBytes", title: "outboxes", unit: "bytes", tolerance: exactly },
  { name: "journalEntries", title: "entries of the journal", unit: "count", tolerance: exactly },
  { name: "journalBytes", title: "bytes of the journal", unit: "bytes", tolerance: exactly },
  { name: "scheduled", title: "scheduled notifications and pushes", unit: "count", tolerance: exactly },
  { name: "messages", title: "messages for the application", unit: "count", tolerance: exactly },
  { name: "presence", title: "presence events for the application", unit: "count", tolerance: exactly },
];
