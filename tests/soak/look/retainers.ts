/** Finds what keeps objects alive: the shortest way to each of a class from the roots of the heap. */

import { HeapSnapshot } from "./heap_snapshot.ts";

const ROOT = 0;
/** Such a reference keeps nothing alive. */
const WEAK = "weak";

/**
 * @param text of a heap snapshot
 * @param name of the class
 * @returns the ways, from the object to the root, and how many objects each of them keeps; the most common one first
 */
export function retainersOf(text: string, name: string): { readonly path: string; readonly count: number }[] {
  const heap = new HeapSnapshot(text), parents = new Int32Array(heap.size).fill(-1);
  const edges: string[] = [];
  parents[ROOT] = ROOT;
  for (const queue = [ROOT]; queue.length > 0;) {
    for (const node of queue.splice(0)) {
      for (const { type, name, to } of heap.edgesOf(node)) {
        if (type === WEAK || parents[to] !== -1) continue;
        parents[to] = node;
        edges[to] = type === "element" || type === "hidden" ? "[]" : name;
        queue.push(to);
      }
    }
  }
  const counts = new Map<string, number>();
  for (let node = 0; node < heap.size; node++) {
    if (heap.typeOf(node) !== "object" || heap.nameOf(node) !== name) continue;
    const path = pathOf(node, { heap, parents, edges });
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return [...counts].map(([path, count]) => ({ path, count })).toSorted((one, other) =>
    other.count - one.count
  );
}

function pathOf(
  node: number,
  { heap, parents, edges }: { heap: HeapSnapshot; parents: Int32Array; edges: readonly string[] },
): string {
  const steps: string[] = [];
  for (let at = node; at !== ROOT && at >= 0; at = parents[at] ?? ROOT) {
    steps.push(
      `${/^\d+$/.test(edges[at] ?? "") ? "[]" : edges[at]} of ${
        heap.nameOf(parents[at] ?? ROOT) || heap.typeOf(parents[at] ?? ROOT)
      }`,
    );
  }
  return steps.join(", ").replaceAll(/@\d+/g, "");
}
