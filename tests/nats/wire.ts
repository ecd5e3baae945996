/** A wire between a node and its NATS server, that a test can cut: packets are lost, or the line is broken. */

export class Wire implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #to: number;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  #healed = Promise.withResolvers<void>();
  #cut: "silent" | "broken" | null = null;
  #left = Infinity;

  constructor(to: number) {
    this.#to = to;
    this.#healed.resolve();
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#serving = this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** `broken`: what is open is closed, and nothing new can be opened. `silent`: nothing comes through, and nobody knows. */
  cut(how: "silent" | "broken"): void {
    this.#cut = how;
    this.#healed = Promise.withResolvers<void>();
    if (how === "broken") this.#closeAll();
  }

  /** Breaks when the node has sent so many bytes more. */
  breakAfter(bytes: number): void {
    this.#left = bytes;
  }

  heal(): void {
    this.#cut = null;
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
    const lines: Promise<unknown>[] = [];
    for await (const conn of this.#listener) {
      if (this.#cut === "broken") close(conn);
      else lines.push(this.#join(conn));
    }
    await Promise.all(lines);
  }

  async #join(near: Deno.TcpConn): Promise<void> {
    this.#open.add(near);
    const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#to }).catch(() => null);
    if (far === null) return close(near);
    this.#open.add(far);
    await Promise.all([this.#pass(near, far, (count) => this.#count(count)), this.#pass(far, near)]);
    this.#open.delete(near);
    this.#open.delete(far);
  }

  #count(bytes: number): void {
    this.#left -= bytes;
    if (this.#left > 0) return;
    this.#left = Infinity;
    this.cut("broken");
  }

  async #pass(from: Deno.TcpConn, to: Deno.TcpConn, count = (_: number) => {}): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
        if (this.#cut === "silent") await this.#healed.promise;
        for (let sent = 0; sent < size;) sent += await to.write(buffer.subarray(sent, size));
        count(size);
      }
    } catch {
      // one end is gone: so is the other, at once
    }
    close(from);
    close(to);
  }
}

function close(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // it was closed before
  }
}
