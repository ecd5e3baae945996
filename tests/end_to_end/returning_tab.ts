/** A tab that comes back: it resumes after the last position that it saw, over as many connections as it takes. */

import type { Message } from "./tab.ts";

/** A notification that arrived. */
export interface Got {
  readonly id: string;
  readonly position: string;
  readonly data: unknown;
}

const IN_VAIN_MS = 60_000; // nothing takes so long; a test that fails is to say so

export class ReturningTab {
  /** Everything that arrived, over all connections. */
  readonly got: Got[] = [];
  /** What each welcome said, and how many times it was told that it missed some. */
  readonly recovered: (boolean | null)[] = [];
  missed = 0;
  /** The connection's name, and after which position the next one resumes. */
  connection = "";
  position: string | undefined;
  #socket: WebSocket | undefined;
  #closed: Promise<void> = Promise.resolve();
  readonly #waiting = new Set<() => void>(); // for a change; who roams and who counts may wait at once

  constructor(readonly target: string, position?: string) {
    this.position = position;
  }

  /** Resolves when it is welcome. */
  async connect(port: number): Promise<void> {
    await this.disconnect();
    const after = this.position === undefined ? "" : `&after=${this.position}`;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/connect?target=${this.target}${after}`);
    const gone = Promise.withResolvers<void>();
    const welcomes = this.recovered.length;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => gone.resolve();
    this.#socket = socket;
    this.#closed = gone.promise.then(() => this.#arrived());
    await this.#until(() => this.recovered.length > welcomes || socket.readyState === WebSocket.CLOSED);
    if (this.recovered.length === welcomes) throw new Error("closed before it was welcome");
  }

  /** Resolves when this has arrived, on the connection that there is. */
  async has(data: unknown): Promise<void> {
    await this.#until(() => this.got.at(-1)?.data === data || this.got.some((one) => one.data === data));
  }

  /** Resolves when so many have arrived, over all connections. */
  async hasSoMany(count: number): Promise<void> {
    await this.#until(() => this.got.length >= count);
  }

  /** Resolves when the connection that there is is there no more. */
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
    for (const { type, connection, recovered, id, position, data } of messages) {
      if (type === "welcome") {
        this.connection = connection;
        this.recovered.push(recovered);
      } else if (type === "notification") this.got.push({ id, position, data });
      else this.missed++;
      this.position = position ?? this.position;
    }
    this.#arrived();
  }

  #arrived(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #until(isSo: () => boolean): Promise<void> {
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      this.#arrived();
    }, IN_VAIN_MS);
    while (!isSo() && !isLate) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    clearTimeout(deadline);
    if (!isSo()) throw new Error(`in vain: ${this.got.length} have arrived, the last ${this.position}`);
  }
}
