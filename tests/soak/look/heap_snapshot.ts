/** Reads a heap snapshot of V8: a graph of nodes and edges in flat arrays of numbers. */

interface SnapshotText {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

export interface HeapEdge {
  /** For example `property`, `element`, `context` (a variable of a closure) or `internal`. */
  readonly type: string;
  /** Of a property or variable. Elements have a number. */
  readonly name: string;
  /** The index of the node that it leads to. */
  readonly to: number;
}

export class HeapSnapshot {
  /** The number of nodes. A node is known by its index. */
  readonly size: number;
  readonly #text: SnapshotText;
  readonly #field: Readonly<Record<string, number>>;
  readonly #edgeField: Readonly<Record<string, number>>;
  readonly #firstEdges: Uint32Array;

  constructor(text: string) {
    this.#text = JSON.parse(text);
    const { meta } = this.#text.snapshot;
    this.#field = indexesOf(meta.node_fields);
    this.#edgeField = indexesOf(meta.edge_fields);
    this.size = this.#text.nodes.length / meta.node_fields.length;
    this.#firstEdges = new Uint32Array(this.size + 1);
    for (let node = 0; node < this.size; node++) {
      this.#firstEdges[node + 1] = (this.#firstEdges[node] ?? 0) + this.edgeCount(node);
    }
  }

  /** For example `object`, `closure` or `string`. */
  typeOf(node: number): string {
    return this.#text.snapshot.meta.node_types[0][this.#of(node, "type")] ?? "";
  }

  /** Of an object, the name of its constructor. */
  nameOf(node: number): string {
    return this.#text.strings[this.#of(node, "name")] ?? "";
  }

  /** The bytes that the node takes itself. */
  bytesOf(node: number): number {
    return this.#of(node, "self_size");
  }

  edgeCount(node: number): number {
    return this.#of(node, "edge_count");
  }

  *edgesOf(node: number): Generator<HeapEdge, void> {
    const { snapshot: { meta }, edges, strings } = this.#text,
      { type = 0, name_or_index = 0, to_node = 0 } = this.#edgeField;
    const width = meta.edge_fields.length;
    for (let edge = this.#firstEdges[node] ?? 0; edge < (this.#firstEdges[node + 1] ?? 0); edge++) {
      const at = edge * width;
      const kind = meta.edge_types[0][edges[at + type] ?? 0] ?? "";
      const name = edges[at + name_or_index] ?? 0;
      const isNumbered = kind === "element" || kind === "hidden";
      yield {
        type: kind,
        name: isNumbered ? `${name}` : strings[name] ?? "",
        to: (edges[at + to_node] ?? 0) / meta.node_fields.length,
      };
    }
  }

  #of(node: number, field: string): number {
    const { nodes, snapshot: { meta } } = this.#text;
    return nodes[node * meta.node_fields.length + (this.#field[field] ?? 0)] ?? 0;
  }
}

function indexesOf(fields: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(fields.map((name, index) => [name, index]));
}
