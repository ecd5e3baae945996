/** A fake service for publishers, whose answers a test decides. */

/** A notification as it was sent. */
export interface SentNotification {
  readonly id: string;
  readonly data: unknown;
  readonly target?: string;
}

/** The server's end of one WebSocket. */
export class FakePublisherConnection {
  /** The subprotocols that the publisher offered. */
  readonly protocols: readonly string[];
  /** What came, in order. */
  readonly sent: SentNotification[] = [];
  readonly #socket: WebSocket;
  #answered = 0;

  constructor(socket: WebSocket, { protocols, limits, onSent }: {
    protocols: readonly string[];
    limits: object;
    onSent: (connection: FakePublisherConnection) => void;
  }) {
    this.#socket = socket;
    this.protocols = protocols;
    socket.onopen = () => socket.send(JSON.stringify([{ type: "welcome", limits }]));
    socket.onmessage = ({ data }) => {
      this.sent.push(JSON.parse(data));
      onSent(this);
    };
  }

  get unanswered(): readonly SentNotification[] {
    return this.sent.slice(this.#answered);
  }

  /** Accepts the next so many. */
  accept(count: number): void {
    const accepted = this.unanswered.slice(0, count);
    this.answer(...accepted.map(({ id }) => ({ id, position: `p-${id}`, expires: "2026" })));
  }

  answer(...answers: unknown[]): void {
    this.#answered += answers.length;
    this.#socket.send(JSON.stringify(answers));
  }

  close(code: number): void {
    this.#socket.close(code);
  }
}

export class FakePublishService implements AsyncDisposable {
  readonly connections: FakePublisherConnection[] = [];
  /** Requests that were no upgrades: a publisher asks why it was refused. */
  readonly asked: (string | null)[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** @param options.refusal answers every request, if it is given */
  constructor({ limits = { notifications: 1_000, bytes: 1_048_576 }, onSent = () => {}, refusal }: {
    limits?: object;
    onSent?: (connection: FakePublisherConnection) => void;
    refusal?: () => Response | null;
  } = {}) {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(options, (request) => {
      const isUpgrade = request.headers.get("upgrade") === "websocket";
      if (!isUpgrade) this.asked.push(request.headers.get("authorization"));
      const refused = refusal?.();
      if (refused) return refused;
      if (!isUpgrade) return new Response("{}", { status: 426 });
      const protocols = request.headers.get("sec-websocket-protocol")?.split(", ") ?? [];
      const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "tidings.publish.v1" });
      this.connections.push(new FakePublisherConnection(socket, { protocols, limits, onSent }));
      return response;
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The latest connection. */
  get connection(): FakePublisherConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error("nobody has connected");
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
