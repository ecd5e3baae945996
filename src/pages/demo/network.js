/** The simulated network of one device: it can close every connection of the worker and refuse new ones. */

const { WebSocket, fetch } = globalThis;

export class Network {
  #isCut = false;
  #abort = new AbortController();
  #sockets = new Set();

  /** Replaces the worker's `WebSocket`, `fetch` and `navigator.onLine`. */
  install() {
    globalThis.WebSocket = new Proxy(WebSocket, { construct: (_, parameters) => this.#socket(parameters) });
    globalThis.fetch = (url, options = {}) => this.#fetch(url, options);
    Object.defineProperty(navigator, "onLine", { get: () => !this.#isCut });
  }

  /**
   * Closes all connections. Their owners get 1006, the code that a browser reports when the network fails.
   */
  cut() {
    this.#isCut = true;
    this.#abort.abort(new TypeError("The network is cut"));
    for (const socket of this.#sockets) {
      const { onclose } = socket;
      socket.onmessage = socket.onclose = null;
      socket.close();
      onclose?.call(socket, new CloseEvent("close", { code: 1006 }));
    }
    this.#sockets.clear();
    dispatchEvent(new Event("offline"));
  }

  restore() {
    this.#isCut = false;
    this.#abort = new AbortController();
    dispatchEvent(new Event("online"));
  }

  #socket(parameters) {
    if (this.#isCut) return deadSocket();
    const socket = new WebSocket(...parameters);
    this.#sockets.add(socket);
    socket.addEventListener("close", () => this.#sockets.delete(socket));
    return socket;
  }

  async #fetch(url, options) {
    if (this.#isCut) throw new TypeError("The network is cut");
    const signals = [options.signal, this.#abort.signal].filter((signal) => signal != null);
    return await fetch(url, { ...options, signal: AbortSignal.any(signals) });
  }
}

/** Returns a socket that fails to connect, as one does without a network. */
function deadSocket() {
  const socket = { onmessage: null, onclose: null, send() {}, close() {} };
  setTimeout(() => socket.onclose?.(new CloseEvent("close", { code: 1006 })));
  return socket;
}
