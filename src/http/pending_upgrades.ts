/** Upgrades that are not complete: finds out whether there are sockets that never open. */

export interface PendingUpgradesDeps {
  /** True if the socket has not opened yet. */
  readonly isOpening: (socket: WebSocket) => boolean;
  /** Called when the first socket turns out never to open. */
  readonly onLeak: () => void;
}

const MAX_TICKS = 3; // an answer of 200 bytes is sent in milliseconds, even if the event loop was busy before

/**
 * If a client resets its connection before its upgrade is answered, Deno never opens the socket, dispatches neither
 * `error` nor `close`, and never closes the file. The slot stays taken then, because the file does. To ask first whether
 * the client is still there would take 2 KB for each connection, so that is done only once there was such a client.
 */
export class PendingUpgrades {
  readonly #deps: PendingUpgradesDeps;
  readonly #pending = new Map<WebSocket, number>(); // with the tick at which it was added
  #ticks = 0;
  #hasLeaked = false;

  constructor(deps: PendingUpgradesDeps) {
    this.#deps = deps;
  }

  /** True once there was a socket that never opened. */
  get hasLeaked(): boolean {
    return this.#hasLeaked;
  }

  add(socket: WebSocket): void {
    this.#pending.set(socket, this.#ticks);
  }

  /** Must be called once a second. */
  tick(): void {
    const { isOpening, onLeak } = this.#deps;
    this.#ticks++;
    for (const [socket, since] of this.#pending) {
      const isPending = isOpening(socket);
      if (isPending && this.#ticks - since < MAX_TICKS) continue;
      this.#pending.delete(socket);
      if (isPending && !this.#hasLeaked) onLeak();
      this.#hasLeaked ||= isPending;
    }
  }
}
