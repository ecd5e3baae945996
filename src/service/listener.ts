/** An HTTP listener that listens again after Deno's server has ended, as it does when the process has no file left. */

type Server = Deno.HttpServer<Deno.NetAddr>;

export interface HttpListenerDeps {
  readonly host: string;
  readonly port: number;
  readonly fetch: Deno.ServeHandler<Deno.NetAddr>;
  /** Called with the error when a server has ended or could not listen. */
  readonly report: (error: unknown) => void;
}

const RETRY_MS = 100;

export class HttpListener {
  readonly addr: Deno.NetAddr;
  readonly #deps: HttpListenerDeps;
  /** Includes servers that have ended, because the connections that they accepted are still open. */
  readonly #servers = new Set<Server>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopping = false;

  /** Throws if the first server cannot listen. */
  constructor(deps: HttpListenerDeps) {
    this.#deps = deps;
    this.addr = this.#listen(deps.port);
  }

  /** Stops listening, and resolves when all connections are closed. */
  async shutdown(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#servers].map((server) => server.shutdown()));
  }

  #listen(port: number): Deno.NetAddr {
    const { host, fetch } = this.#deps;
    let wasUsed = false;
    const server = Deno.serve({ hostname: host, port, onListen: () => {} }, (request, info) => {
      wasUsed = true;
      return fetch(request, info);
    });
    this.#servers.add(server);
    server.finished.catch((error) => {
      // A server without a request has no connection to close. Keeping it would leak while files stay short.
      if (!wasUsed) this.#servers.delete(server);
      this.#retry(error);
    });
    return server.addr;
  }

  #retry(reason: unknown): void {
    this.#deps.report(reason);
    if (this.#isStopping) return;
    this.#timer = setTimeout(() => {
      try {
        this.#listen(this.addr.port);
      } catch (error) {
        this.#retry(error);
      }
    }, RETRY_MS);
  }
}
