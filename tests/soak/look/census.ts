/** Census: what lives in a heap. It counts objects by their constructor, and what each Map and Set holds by its owner. */

import { HeapSnapshot } from "./heap_snapshot.ts";

export interface Census {
  /** Objects by the name of their constructor. */
  readonly objects: ReadonlyMap<string, number>;
  /**
   * What Maps and Sets hold, by their owner, for example `RetentionIndex.#byTarget`: each key and each value that is an
   * object or a string counts once. Those of the same owner count together.
   */
  readonly collections: ReadonlyMap<string, number>;
  /** The bytes of the heap by kind, for example `string`, `code` or `array`. */
  readonly bytes: ReadonlyMap<string, number>;
}

const COLLECTIONS = ["Map", "Set"];
/** Their names would say little, and a Map that several closures know may be found by any of them. */
const VARIABLES = "(variables of functions)";
const NAMELESS = ["Object", "Array"];

/** @param text of a heap snapshot */
export function censusOf(text: string): Census {
  const heap = new HeapSnapshot(text), owners = new Map<number, string>();
  const objects = new Map<string, number>(), bytes = new Map<string, number>();
  for (let node = 0; node < heap.size; node++) {
    add(bytes, heap.typeOf(node), heap.bytesOf(node));
    if (heap.typeOf(node) === "object" && !isInternal(heap.nameOf(node))) add(objects, heap.nameOf(node), 1);
    for (const { type, name, to } of heap.edgesOf(node)) {
      if (type !== "property" && type !== "context") continue;
      if (heap.typeOf(to) !== "object" || !COLLECTIONS.includes(heap.nameOf(to))) continue;
      const owner = ownerOf(heap.nameOf(node), { type, name });
      if (owner !== VARIABLES || !owners.has(to)) owners.set(to, owner);
    }
  }
  const collections = new Map<string, number>();
  for (const [node, owner] of owners) add(collections, owner, held(heap, node));
  return { objects, collections, bytes };
}

/** How much more of each there is in the second than in the first; only where it is more. */
export function growth(
  first: ReadonlyMap<string, number>,
  second: ReadonlyMap<string, number>,
): { readonly name: string; readonly start: number; readonly end: number }[] {
  return [...second]
    .map(([name, end]) => ({ name, start: first.get(name) ?? 0, end }))
    .filter(({ start, end }) => end > start)
    .toSorted((one, other) => other.end - other.start - (one.end - one.start));
}

function ownerOf(node: string, { type, name }: { type: string; name: string }): string {
  return type === "context" || NAMELESS.includes(node) || isInternal(node) ? VARIABLES : `${node}.${name}`;
}

function held(heap: HeapSnapshot, node: number): number {
  for (const { name, to } of heap.edgesOf(node)) {
    if (name === "table") return Math.max(0, heap.edgeCount(to) - 1); // but for that to the table's own shape
  }
  return 0;
}

function isInternal(name: string): boolean {
  return name.startsWith("system /") || name.startsWith("(");
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
