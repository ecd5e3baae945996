/** The network between a browser and the service: a test can cut it, and have it let no WebSockets through. */

export class Network implements AsyncDisposable {
  /** False: whoever asks for a WebSocket is refused, as some proxies do. */
  hasWebSockets = true;
  readonly #listener: Deno.TcpListener;
  readonly #lines = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>;
  readonly #port: () => number;
  #isUp = true;

  /** @param port of the service, which may be another one later */
  constructor(port: () => number) {
    this.#port = port;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#running = this.#run();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** From now on nothing gets through, and what was open is cut. */
  cut(): void {
    this.#isUp = false;
    for (const line of this.#lines) close(line);
  }

  restore(): void {
    this.#isUp = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#listener.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const all: Promise<void>[] = [];
    for await (const browser of this.#listener) {
      if (this.#isUp) all.push(this.#carry(browser));
      else close(browser);
    }
    await Promise.all(all);
  }

  async #carry(browser: Deno.TcpConn): Promise<void> {
    this.#lines.add(browser);
    const first = new Uint8Array(16_384);
    const length = await browser.read(first).catch(() => null) ?? 0;
    const isUpgrade = /^upgrade: websocket/im.test(new TextDecoder().decode(first.subarray(0, length)));
    if (length > 0 && isUpgrade && !this.hasWebSockets) {
      await browser.write(new TextEncoder().encode("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n"));
    } else if (length > 0) {
      const service = await Deno.connect({ hostname: "127.0.0.1", port: this.#port() }).catch(() => null);
      if (service !== null) await this.#join(browser, service, first.subarray(0, length));
    }
    close(browser);
    this.#lines.delete(browser);
  }

  /** Resolves when either end is gone. */
  async #join(browser: Deno.TcpConn, service: Deno.TcpConn, first: Uint8Array): Promise<void> {
    this.#lines.add(service);
    await service.write(first).catch(() => 0);
    const over = (one: Promise<void>) => one.catch(() => {}).finally(() => [browser, service].forEach(close));
    await Promise.all([
      over(browser.readable.pipeTo(service.writable)),
      over(service.readable.pipeTo(browser.writable)),
    ]);
    this.#lines.delete(service);
  }
}

function close(line: Deno.TcpConn): void {
  try {
    line.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error; // it is closed
  }
}
