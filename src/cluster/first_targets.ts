/** Selects the first targets after a cursor, of targets that come in any order. */

import type { Connection } from "../hub/connection.ts";
import type { TargetVisitor } from "../hub/target_scan.ts";
import type { TransportKind } from "../wire/transport_kind.ts";
import type { ConnectedTarget } from "./nodes.ts";

/** It holds at most twice as many targets as are wanted, and sorts only these. */
export class FirstTargets implements TargetVisitor {
  readonly #after: string;
  readonly #limit: number;
  readonly #found = new Map<string, ConnectedTarget>();
  /** No target beyond it can be among the first. Null: not known yet. */
  #last: string | null = null;

  /** @param options.after the cursor, which itself is not listed; empty: from the beginning */
  constructor({ after, limit }: { readonly after: string; readonly limit: number }) {
    this.#after = after;
    this.#limit = limit;
  }

  wants(target: string): boolean {
    return target > this.#after && (this.#last === null || target <= this.#last);
  }

  add(target: string, connections: Iterable<Connection>): void {
    this.#found.set(target, { target, connections: countByTransport(connections) });
    if (this.#found.size >= 2 * this.#limit) this.#dropLast();
  }

  /** In the order of their UTF-16 code units. */
  list(): ConnectedTarget[] {
    this.#dropLast();
    return [...this.#found.values()].sort((a, b) => a.target < b.target ? -1 : 1);
  }

  #dropLast(): void {
    if (this.#found.size <= this.#limit) return;
    const targets = [...this.#found.keys()].sort();
    for (const target of targets.splice(this.#limit)) this.#found.delete(target);
    this.#last = targets.at(-1) ?? null;
  }
}

function countByTransport(connections: Iterable<Connection>): Record<TransportKind, number> {
  const counts: Record<TransportKind, number> = { websocket: 0, sse: 0 };
  for (const { transport } of connections) counts[transport]++;
  return counts;
}
