/** A TCP proxy, for example between a node and its NATS server, that a test can interrupt, by cutting it or by stalling it. */

/** Where a connection leads. */
export interface ProxyTarget {
  readonly hostname: string;
  readonly port: number;
}

export class FaultyProxy implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #target: () => ProxyTarget;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  #healed = Promise.withResolvers<void>();
  #fault: "silent" | "broken" | null = null;
  #bytesLeft = Infinity;

  /** @param target a port of this machine, or a function that chooses for each connection */
  constructor(target: number | (() => ProxyTarget)) {
    this.#target = typeof target === "number" ? () => ({ hostname: "127.0.0.1", port: target }) : target;
    this.#healed.resolve();
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#serving = this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /**
   * `broken` closes all connections and every new one. `silent` keeps the connections open and transfers nothing, so
   * neither end notices.
   */
  cut(fault: "silent" | "broken"): void {
    const { resolve } = this.#healed;
    this.#fault = fault;
    this.#healed = Promise.withResolvers<void>();
    if (fault === "broken") this.#closeAll();
    resolve(); // what is held back since an earlier cut finds its connection closed, or is held back on
  }

  /** Breaks after the node has sent this many more bytes. */
  breakAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  heal(): void {
    this.#fault = null;
    this.#healed.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.heal();
    this.#closeAll();
    await this.#serving;
  }

  #closeAll(): void {
    for (const conn of this.#open) close(conn);
    this.#open.clear();
  }

  async #serve(): Promise<void> {
    const connections: Promise<unknown>[] = [];
    for await (const conn of this.#listener) {
      if (this.#fault === "broken") close(conn);
      else connections.push(this.#connect(conn));
    }
    await Promise.all(connections);
  }

  async #connect(node: Deno.TcpConn): Promise<void> {
    this.#open.add(node);
    const server = await Deno.connect(this.#target()).catch(() => null);
    if (server === null) {
      this.#open.delete(node);
      return close(node);
    }
    this.#open.add(server);
    await Promise.all([this.#pipe(node, server, (bytes) => this.#count(bytes)), this.#pipe(server, node)]);
    this.#open.delete(node);
    this.#open.delete(server);
  }

  #count(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft > 0) return;
    this.#bytesLeft = Infinity;
    this.cut("broken");
  }

  async #pipe(from: Deno.TcpConn, to: Deno.TcpConn, onBytes = (_: number) => {}): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
        while (this.#fault === "silent") await this.#healed.promise;
        for (let sent = 0; sent < size;) sent += await to.write(buffer.subarray(sent, size));
        onBytes(size);
      }
    } catch {
      // One end is gone, so the other is closed too.
    }
    close(from);
    close(to);
  }
}

function close(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // The connection is closed already.
  }
}
