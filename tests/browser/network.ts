/** The network between a browser and the service: a TCP proxy that a test can cut, silence, or make refuse WebSockets. */

export class Network implements AsyncDisposable {
  /** False: the proxy refuses upgrades, as those of some companies do. */
  allowsWebSockets = true;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>;
  readonly #port: () => number;
  #isUp = true;
  #silenced = 0; // connections with a smaller number carry nothing
  #count = 0;

  /** @param port returns the port of the service, which changes when it is restarted */
  constructor(port: () => number) {
    this.#port = port;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#running = this.#run();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Closes all connections, and refuses new ones. */
  cut(): void {
    this.#isUp = false;
    for (const connection of this.#connections) close(connection);
  }

  /** From now on, connections carry nothing, and neither end is told, as after a laptop's sleep. New ones work. */
  silence(): void {
    this.#silenced = this.#count;
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
      if (this.#isUp) all.push(this.#forward(browser));
      else close(browser);
    }
    await Promise.all(all);
  }

  async #forward(browser: Deno.TcpConn): Promise<void> {
    this.#connections.add(browser);
    const buffer = new Uint8Array(16_384);
    const first = buffer.subarray(0, await browser.read(buffer).catch(() => null) ?? 0);
    const isUpgrade = /^upgrade: websocket/im.test(new TextDecoder().decode(first));
    if (first.length > 0 && isUpgrade && !this.allowsWebSockets) {
      await browser.write(new TextEncoder().encode("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n"));
    } else if (first.length > 0) {
      const service = await Deno.connect({ hostname: "127.0.0.1", port: this.#port() }).catch(() => null);
      if (service !== null) await this.#pipe(first, { browser, service });
    }
    close(browser);
    this.#connections.delete(browser);
  }

  /** Sends the first bytes and everything after them. Resolves when either end has closed. */
  async #pipe(
    first: Uint8Array<ArrayBuffer>,
    { browser, service }: { browser: Deno.TcpConn; service: Deno.TcpConn },
  ): Promise<void> {
    this.#connections.add(service);
    const number = this.#count++;
    const line = () =>
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (chunk, controller) => {
          if (number >= this.#silenced) controller.enqueue(chunk);
        },
      });
    await service.write(first).catch(() => 0);
    const closeBoth = (pipe: Promise<void>) =>
      pipe.catch(() => {}).finally(() => [browser, service].forEach(close));
    await Promise.all([
      closeBoth(browser.readable.pipeThrough(line()).pipeTo(service.writable)),
      closeBoth(service.readable.pipeThrough(line()).pipeTo(browser.writable)),
    ]);
    this.#connections.delete(service);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error; // it is closed already
  }
}
