/** The stage of a soak: a node, and the servers that it sends to. */

import type { JournalName } from "../../chaos/stages/stage.ts";
import { Receivers } from "./receivers.ts";
import { SoakedNode } from "./soaked_node.ts";

export class Stage implements AsyncDisposable {
  readonly node: SoakedNode;
  readonly receivers: Receivers;

  private constructor(node: SoakedNode, receivers: Receivers) {
    this.node = node;
    this.receivers = receivers;
  }

  static async open(
    { journal, seed }: { journal: JournalName; seed: number },
    { retentionSeconds }: { retentionSeconds: number },
  ): Promise<Stage> {
    const receivers = new Receivers(seed);
    return new Stage(await SoakedNode.start({ journal, receivers, retentionSeconds }), receivers);
  }

  /** Lets everybody in. */
  async begin(): Promise<void> {
    await this.receivers.open();
    this.node.openDoors();
  }

  /** What the node has logged as an error. */
  get errors(): readonly string[] {
    return this.node.service.output.split("\n").filter((line) => line.includes(`"level":"ERROR"`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
    await this.receivers.close();
  }
}
