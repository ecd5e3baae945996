/** Tabs that note when rows of an outbox table arrive, one for each target. */

import { eventually } from "../../eventually.ts";

export class OutboxTabs {
  readonly #sockets: readonly WebSocket[];
  #arrivals: { readonly commit: number; readonly at: number }[] = [];

  private constructor(port: number, targets: number) {
    const url = `ws://127.0.0.1:${port}/v1/connect?target=`;
    this.#sockets = Array.from({ length: targets }, (_, n) => new WebSocket(`${url}target%20${n}`));
    for (const socket of this.#sockets) socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  static async open(port: number, targets: number): Promise<OutboxTabs> {
    const tabs = new OutboxTabs(port, targets);
    await eventually(
      () => tabs.#sockets.every(({ readyState }) => readyState === WebSocket.OPEN),
      "open tabs",
    );
    return tabs;
  }

  /** The rows that arrive from now on: the number of their commit, and a time of `performance.now()`. */
  arrivals(): readonly { readonly commit: number; readonly at: number }[] {
    return this.#arrivals = [];
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #take(messages: readonly { readonly type: string; readonly data?: unknown }[]): void {
    const at = performance.now();
    for (const { type, data } of messages) {
      if (type === "notification") this.#arrivals.push({ commit: Number.parseInt(String(data)), at });
    }
  }
}
