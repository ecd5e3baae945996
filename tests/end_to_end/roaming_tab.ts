/** A tab that moves from node to node whenever its connection closes, and resumes on each. */

import { eventually } from "../eventually.ts";
import { ReturningTab } from "./returning_tab.ts";

export class RoamingTab extends ReturningTab {
  readonly #ports: () => readonly number[];
  readonly #retryMs: number;
  readonly #roaming: Promise<void>;
  #next: number;
  #isStopped = false;

  /**
   * @param ports returns the ports of the nodes, which it tries in turn
   * @param first the index of the first one
   * @param position what its first connection resumes after
   */
  constructor(
    target: string,
    { ports, first = 0, retryMs = 2, token, position }: {
      ports: () => readonly number[];
      first?: number;
      retryMs?: number;
      token?: string;
      position?: string;
    },
  ) {
    super(target, position);
    this.token = token;
    this.#ports = ports;
    this.#retryMs = retryMs;
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
      else await new Promise((resolve) => setTimeout(resolve, this.#retryMs));
    }
    await this.disconnect();
  }
}
