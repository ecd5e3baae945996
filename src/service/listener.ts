/** A port, listened on again and again: a server of Deno ends when it may open no file for another connection. */

type Server = Deno.HttpServer<Deno.NetAddr>;

/** What a port needs. */
export interface HttpListenerDeps {
  readonly host: string;
  readonly port: number;
  readonly fetch: Deno.ServeHandler<Deno.NetAddr>;
  /** Told why nobody could connect for a moment. */
  readonly report: (error: unknown) => void;
}

const AGAIN_MS = 100;

export class HttpListener {
  readonly addr: Deno.NetAddr;
  readonly #deps: HttpListenerDeps;
  /** Also those that have ended: whom they had accepted is still connected. */
  readonly #servers = new Set<Server>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopping = false;

  /** Throws if it cannot listen at first. */
  constructor(deps: HttpListenerDeps) {
    this.#deps = deps;
    this.addr = this.#listen(deps.port);
  }

  /** Resolves when nobody is connected any more. */
  async shutdown(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#servers].map((server) => server.shutdown()));
  }

  #listen(port: number): Deno.NetAddr {
    const { host, fetch } = this.#deps;
    let isUsed = false;
    const server = Deno.serve({ hostname: host, port, onListen: () => {} }, (request, info) => {
      isUsed = true;
      return fetch(request, info);
    });
    this.#servers.add(server);
    server.finished.catch((error) => {
      if (!isUsed) this.#servers.delete(server); // or there were ever more of them, for as long as files are short
      this.#again(error);
    });
    return server.addr;
  }

  #again(why: unknown): void {
    this.#deps.report(why);
    if (this.#isStopping) return;
    this.#timer = setTimeout(() => {
      try {
        this.#listen(this.addr.port);
      } catch (error) {
        this.#again(error);
      }
    }, AGAIN_MS);
  }
}
