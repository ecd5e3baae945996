/** An HTTP listener that outlives Deno's server, which ends when no file is left, and which is replaced to cut sockets. */

import { within } from "../async/within.ts";

type Server = Deno.HttpServer<Deno.NetAddr>;

export interface HttpListenerDeps {
  readonly host: string;
  readonly port: number;
  /** Whether other isolates of the process listen on the same port: this one is the `first`, or one of the `others`. */
  readonly sharing?: "first" | "others" | null;
  readonly fetch: Deno.ServeHandler<Deno.NetAddr>;
  /** Called with the error when a server has ended or could not listen. */
  readonly report: (error: unknown) => void;
}

const RETRY_MS = 100;
const MS_UNTIL_PORT_IS_FREE = 2;

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
    if (deps.sharing === "first") requireFreePort(deps);
    this.addr = this.#listen(deps.port);
  }

  /** Stops listening, and resolves when all connections are closed. */
  async shutdown(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#servers].map((server) => server.shutdown()));
  }

  /**
   * Replaces the server, which cuts all of its WebSockets, also those whose browser ignores a close: nothing else does.
   * Requests are answered first. Resolves when the sockets are cut, or at last after `maxMs`.
   */
  async replace({ maxMs }: { readonly maxMs: number }): Promise<void> {
    const replaced = [...this.#servers].map((server) =>
      server.shutdown().finally(() => this.#servers.delete(server))
    );
    await new Promise((resolve) => setTimeout(resolve, MS_UNTIL_PORT_IS_FREE));
    if (!this.#isStopping) this.#listenAgain();
    await within(Promise.all(replaced), { ms: maxMs });
  }

  #listen(port: number): Deno.NetAddr {
    const { host, fetch, sharing = null } = this.#deps;
    let wasUsed = false;
    const server = Deno.serve(
      { hostname: host, port, reusePort: sharing !== null, onListen: () => {} },
      (request, info) => {
        wasUsed = true;
        return fetch(request, info);
      },
    );
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
    this.#timer = setTimeout(() => this.#listenAgain(), RETRY_MS);
  }

  #listenAgain(): void {
    try {
      this.#listen(this.addr.port);
    } catch (error) {
      this.#retry(error);
    }
  }
}

/** Throws if a program listens on the port. Shared ports would let another process of the same user join unnoticed. */
function requireFreePort({ host, port }: Pick<HttpListenerDeps, "host" | "port">): void {
  Deno.listen({ hostname: host, port }).close();
}
