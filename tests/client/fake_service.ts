/** A fake service that answers each request of a client as a test wants. */

/** A request that the fake service has received. */
export interface FakeRequest {
  /** `connect`, `events` or `received`. */
  readonly route: string;
  readonly method: string;
  /** Without the `?`. */
  readonly query: string;
  readonly isUpgrade: boolean;
  readonly token: string | null;
  readonly after: string | null;
  readonly body: string;
  /** Accepts the request as a WebSocket or as an event stream, and sends the welcome. */
  accept(welcome?: Record<string, unknown>): Response;
}

/** The server's end of a connection that was accepted. */
export interface FakeConnection {
  send(...messages: unknown[]): void;
  /** Closes a WebSocket with a close frame, and an event stream with a close event. */
  close(code: number): void;
  /** Ends the connection without a code. */
  cut(): void;
}

const WELCOME = { type: "welcome", connection: "c", target: "alexander", position: "p0", recovered: null };

export class FakeService implements AsyncDisposable {
  readonly requests: FakeRequest[] = [];
  readonly connections: FakeConnection[] = [];
  /** What came over WebSockets. */
  readonly frames: string[] = [];
  answersPings = true;
  /** True while a client reads an event stream. */
  hasReader = false;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(answer: (request: FakeRequest, index: number) => Response | Promise<Response>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const received = await this.#receive(request);
      this.requests.push(received);
      return await answer(received, this.requests.length - 1);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The route of each request: `connect` stands for a fetch, and `socket` for an upgrade. */
  get routes(): string[] {
    return this.requests.map(({ route, isUpgrade }) => isUpgrade ? "socket" : route);
  }

  /** The latest connection. */
  get connection(): FakeConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error("no connection was accepted");
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.connections) connection.cut();
    await this.#server.shutdown();
  }

  async #receive(request: Request): Promise<FakeRequest> {
    const { pathname, searchParams } = new URL(request.url);
    const isUpgrade = request.headers.get("upgrade") === "websocket";
    const header = request.headers.get("authorization") ?? request.headers.get("sec-websocket-protocol") ??
      "";
    return {
      route: pathname.replace("/v1/", ""),
      method: request.method,
      query: `${searchParams}`,
      isUpgrade,
      token: /(?:Bearer |bearer\.)(\S+)/.exec(header)?.[1] ?? null,
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
    socket.onmessage = ({ data }) => {
      this.frames.push(data);
      if (data.includes('{"type":"ping"}') && this.answersPings) send({ type: "pong" });
    };
    this.connections.push({ send, close: (code) => socket.close(code), cut: () => socket.close() });
    return response;
  }

  #stream(welcome: unknown): Response {
    const { readable, writable } = new TransformStream<string, string>();
    const writer = writable.getWriter();
    const write = (text: string) => void writer.write(text).catch(() => {}); // the reader may be gone
    const send = (...messages: unknown[]) => write(`data: ${JSON.stringify(messages)}\n\n`);
    const cut = () => void writer.close().catch(() => {});
    send(welcome);
    this.hasReader = true;
    const onGone = () => void (this.hasReader = false);
    writer.closed.then(onGone, onGone);
    this.connections.push({
      send,
      close: (code) => {
        write(`event: close\ndata: ${JSON.stringify({ code, reason: "the test closes it" })}\n\n`);
        cut();
      },
      cut,
    });
    return new Response(readable.pipeThrough(new TextEncoderStream()));
  }
}
