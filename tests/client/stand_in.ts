/** A stand-in for the service, which does to each visit of a browser what a test says. */

/** A request. */
export interface Visit {
  /** `connect`, `events` or `received`. */
  readonly route: string;
  readonly isUpgrade: boolean;
  readonly token: string | null;
  readonly after: string | null;
  readonly body: string;
  /** Takes it, as a WebSocket or as an event stream, and welcomes it. */
  accept(welcome?: Record<string, unknown>): Response;
}

/** The other end of what was accepted. */
export interface Peer {
  send(...messages: unknown[]): void;
  /** Of a WebSocket a close frame, of an event stream the last event. */
  close(code: number): void;
  /** Ends it without a word. */
  cut(): void;
}

const WELCOME = { type: "welcome", connection: "c", target: "alexander", position: "p0", recovered: null };

export class StandIn implements AsyncDisposable {
  readonly visits: Visit[] = [];
  readonly peers: Peer[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(answer: (visit: Visit, index: number) => Response | Promise<Response>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const visit = await this.#visit(request);
      this.visits.push(visit);
      return await answer(visit, this.visits.length - 1);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** What each asked for: `connect` for a fetch, `socket` for an upgrade. */
  get routes(): string[] {
    return this.visits.map(({ route, isUpgrade }) => isUpgrade ? "socket" : route);
  }

  /** The newest of what was accepted. */
  get peer(): Peer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error("nothing was accepted");
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.peers) peer.cut();
    await this.#server.shutdown();
  }

  async #visit(request: Request): Promise<Visit> {
    const { pathname, searchParams } = new URL(request.url);
    const isUpgrade = request.headers.get("upgrade") === "websocket";
    const given = request.headers.get("authorization") ?? request.headers.get("sec-websocket-protocol") ?? "";
    return {
      route: pathname.replace("/v1/", ""),
      isUpgrade,
      token: /(?:Bearer |bearer\.)(\S+)/.exec(given)?.[1] ?? null,
      after: searchParams.get("after"),
      body: await request.text(),
      accept: (welcome = {}) => {
        const message = { ...WELCOME, ...welcome };
        return isUpgrade ? this.#upgrade(request, message) : this.#stream(message);
      },
    };
  }

  #upgrade(request: Request, welcome: unknown): Response {
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "tidings.v1" });
    const send = (...messages: unknown[]) => socket.send(JSON.stringify(messages));
    socket.onopen = () => send(welcome);
    this.peers.push({ send, close: (code) => socket.close(code), cut: () => socket.close() });
    return response;
  }

  #stream(welcome: unknown): Response {
    const { readable, writable } = new TransformStream<string, string>();
    const writer = writable.getWriter();
    const write = (text: string) => void writer.write(text).catch(() => {}); // the reader may be gone
    const send = (...messages: unknown[]) => write(`data: ${JSON.stringify(messages)}\n\n`);
    const cut = () => void writer.close().catch(() => {});
    send(welcome);
    this.peers.push({
      send,
      close: (code) => {
        write(`event: close\ndata: ${JSON.stringify({ code, reason: "as the test wants it" })}\n\n`);
        cut();
      },
      cut,
    });
    return new Response(readable.pipeThrough(new TextEncoderStream()));
  }
}
