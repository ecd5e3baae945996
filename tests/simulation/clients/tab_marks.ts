/** What a tab knows of what its target has read, and the marks that it sends. */

import { readTest } from "../../../src/journal/mark.ts";
import type { ReadMark } from "../../../src/journal/read.ts";
import type { Position } from "../../../src/wire/position.ts";
import type { SimNode } from "../nodes/sim_node.ts";
import type { World } from "../runtime/world.ts";
import type { TabConnection } from "./tab_connection.ts";

export class TabMarks {
  /** What the target has read. Undefined: the tab has not heard of it yet. */
  known: ReadMark | undefined;
  readonly #world: World;
  readonly #received: Position[] = [];
  #lastRef = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Called with each notification that the tab receives. */
  onNotification(position: Position): void {
    this.#received.push(position);
  }

  isRead(position: Position): boolean {
    return this.known !== undefined && readTest(this.known)(position);
  }

  /**
   * Marks notifications that the tab has received: the last ones, or all up to the last one but `count`.
   *
   * @param via.node to which an event stream's tab posts it
   */
  send(
    { as, count }: { readonly as: "read" | "unread" | "through"; readonly count: number },
    { connection, node }: {
      readonly connection: TabConnection | undefined;
      readonly node: SimNode | undefined;
    },
  ): void {
    const positions = this.#received.slice(-count), [through] = positions;
    if (connection?.isWelcomed !== true || through === undefined) return;
    const ref = `${++this.#lastRef}`, { attachment } = connection;
    if (attachment?.transport === "websocket" && !attachment.wire.isStalled) {
      connection.unansweredMarks.set(ref, this.#world.now);
    }
    connection.send(
      as === "through" ? { type: "read", through, ref } : { type: as, positions, ref },
      node,
    );
  }
}
