/** The network of one device, inside its thread: what it opens can be cut, and nothing new be opened. */

const { WebSocket, fetch } = globalThis;

export class Network {
  #isCut = false;
  #cut = new AbortController();
  #sockets = new Set();

  /** From now on, whatever this thread opens goes through here. */
  install() {
    globalThis.WebSocket = new Proxy(WebSocket, { construct: (_, parameters) => this.#socket(parameters) });
    globalThis.fetch = (url, options = {}) => this.#fetch(url, options);
    Object.defineProperty(navigator, "onLine", { get: () => !this.#isCut });
  }

  /** The lines are closed. Who holds one is told what a browser tells when the network is gone: 1006. */
  cut() {
    this.#isCut = true;
    this.#cut.abort(new TypeError("The network is cut"));
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
    this.#cut = new AbortController();
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
    const signals = [options.signal, this.#cut.signal].filter((signal) => signal != null);
    return await fetch(url, { ...options, signal: AbortSignal.any(signals) });
  }
}

/** What becomes of a socket without a network. */
function deadSocket() {
  const socket = { onmessage: null, onclose: null, send() {}, close() {} };
  setTimeout(() => socket.onclose?.(new CloseEvent("close", { code: 1006 })));
  return socket;
}
