/** A tab that reconnects: each connection resumes after the last position that the tab has received. */

import type { Message } from "./tab.ts";

export interface ReceivedNotification {
  readonly id: string;
  readonly position: string;
  readonly data: unknown;
}

const DEADLINE_MS = 60_000; // only a failing test waits that long

export class ReturningTab {
  /** All notifications, over all connections. */
  readonly received: ReceivedNotification[] = [];
  /** The `recovered` of each welcome. */
  readonly recovered: (boolean | null)[] = [];
  /** The number of `missed` messages. */
  missed = 0;
  /** The id of the latest connection. */
  connection = "";
  /** The token of each connection; undefined in development mode. */
  token: string | undefined;
  /** The position that the next connection resumes after. */
  position: string | undefined;
  /** The last `read` message: the whole state of what the target has read. */
  mark: Pick<Message, "through" | "read" | "unread"> | undefined;
  /** Called with each message, after the tab has taken it. */
  onMessage: (message: Message) => void = () => {};
  #socket: WebSocket | undefined;
  #closed: Promise<void> = Promise.resolve();
  // A tab that roams and a test that counts may wait at the same time.
  readonly #waiters = new Set<() => void>();

  constructor(readonly target: string, position?: string) {
    this.position = position;
  }

  /** Closes the connection that is open, opens a new one, and resolves with its welcome. */
  async connect(port: number): Promise<void> {
    await this.disconnect();
    const after = this.position === undefined ? "" : `&after=${this.position}`;
    const protocols = this.token === undefined ? [] : ["tidings.v1", `tidings.bearer.${this.token}`];
    const url = `ws://127.0.0.1:${port}/v1/connect?target=${this.target}${after}`;
    const socket = new WebSocket(url, protocols);
    const gone = Promise.withResolvers<void>();
    const welcomes = this.recovered.length;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => gone.resolve();
    this.#socket = socket;
    this.#closed = gone.promise.then(() => this.#wake());
    await this.#until(() => this.recovered.length > welcomes || socket.readyState === WebSocket.CLOSED);
    if (this.recovered.length === welcomes) throw new Error("closed before the welcome");
  }

  /** Resolves when a notification with this data has arrived. */
  async waitFor(data: unknown): Promise<void> {
    const isData = (one: ReceivedNotification | undefined) => one?.data === data;
    await this.#until(() => isData(this.received.at(-1)) || this.received.some(isData));
  }

  /** Resolves when this number of notifications has arrived, over all connections. */
  async waitForCount(count: number): Promise<void> {
    await this.#until(() => this.received.length >= count);
  }

  /** Resolves when the latest connection is closed. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  send(message: unknown): void {
    this.#socket?.send(JSON.stringify(message));
  }

  async disconnect(): Promise<void> {
    this.#socket?.close();
    await this.#closed;
  }

  #take(messages: readonly Message[]): void {
    for (const message of messages) {
      const { type, connection, recovered, id, position, data } = message;
      if (type === "welcome") {
        this.connection = connection;
        this.recovered.push(recovered);
      } else if (type === "notification") this.received.push({ id, position, data });
      else if (type === "read") this.mark = message;
      else if (type === "missed") this.missed++;
      this.position = position ?? this.position;
      this.onMessage(message);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  async #until(isTrue: () => boolean): Promise<void> {
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, DEADLINE_MS);
    while (!isTrue() && !isLate) await new Promise<void>((resolve) => this.#waiters.add(resolve));
    clearTimeout(deadline);
    const { length } = this.received;
    if (!isTrue()) throw new Error(`${length} notifications arrived in time, the last at ${this.position}`);
  }
}
