/** A tab that moves from node to node whenever its connection closes, and resumes on each. */

import { eventually } from "../eventually.ts";
import { ReturningTab } from "./returning_tab.ts";

const RETRY_MS = 2;

export class RoamingTab extends ReturningTab {
  readonly #ports: () => readonly number[];
  readonly #roaming: Promise<void>;
  #next: number;
  #isStopped = false;

  /**
   * @param ports returns the ports of the nodes, which it tries in turn
   * @param first the index of the first one
   */
  constructor(target: string, { ports, first = 0 }: { ports: () => readonly number[]; first?: number }) {
    super(target);
    this.#ports = ports;
    this.#next = first;
    this.#roaming = this.#roam();
  }

  /** Resolves with the first welcome. */
  async welcomed(): Promise<void> {
    await eventually(() => this.recovered.length > 0, "a welcome");
  }

  /** Disconnects, and reconnects no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.disconnect();
    await this.#roaming;
  }

  async #roam(): Promise<void> {
    while (!this.#isStopped) {
      const ports = this.#ports();
      const port = ports[this.#next++ % ports.length];
      const isWelcome = port !== undefined &&
        await this.connect(port).then(() => true, () => false); // a node that is not ready refuses
      if (isWelcome && !this.#isStopped) await this.closed;
      else await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    await this.disconnect();
  }
}
