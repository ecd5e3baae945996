/** A tab that is sent from node to node, and resumes on each after the last position that it saw. */

import { ReturningTab } from "./returning_tab.ts";
import { soon } from "./running.ts";

export class RoamingTab extends ReturningTab {
  readonly #ports: () => readonly number[];
  readonly #roaming: Promise<void>;
  #next: number;
  #stopped = false;

  /** @param ports where a connection may be tried, again and again; the first is the one with this index */
  constructor(target: string, { ports, first = 0 }: { ports: () => readonly number[]; first?: number }) {
    super(target);
    this.#ports = ports;
    this.#next = first;
    this.#roaming = this.#roam();
  }

  /** Resolves when it has been welcome once. */
  async arrived(): Promise<void> {
    while (this.recovered.length === 0) await soon();
  }

  /** Goes nowhere any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.disconnect();
    await this.#roaming;
  }

  async #roam(): Promise<void> {
    while (!this.#stopped) {
      const ports = this.#ports();
      const port = ports[this.#next++ % ports.length];
      const isWelcome = port !== undefined &&
        await this.connect(port).then(() => true, () => false); // a node that is not well refuses
      if (isWelcome && !this.#stopped) await this.closed;
      else await soon();
    }
    await this.disconnect();
  }
}
