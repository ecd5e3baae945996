/** The app behind a real socket, for tests that upgrade to a WebSocket. A slot is released when its socket closes. */

import { assertEquals } from "@std/assert";
import type { AdmittedConnection } from "../../src/connection/session.ts";
import { createTestApp, type TestApp, type TestAppOptions } from "./test_app.ts";

export class TestServer implements AsyncDisposable {
  readonly admitted: AdmittedConnection[] = [];
  readonly #closed: Promise<void>[] = [];
  readonly #app: TestApp;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(options: TestAppOptions = {}) {
    const attach = (socket: WebSocket, admitted: AdmittedConnection) => this.#attach(socket, admitted);
    const openEventStream = () => new ReadableStream<Uint8Array<ArrayBuffer>>();
    this.#app = createTestApp({ ...options, sessions: { attach, openEventStream } });
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, this.#app.app.fetch);
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** The number of slots that are taken. */
  get slotsTaken(): number {
    return this.#app.admission.slots.taken;
  }

  /** The one connection that was admitted. Fails unless there is exactly one. */
  onlyAdmitted(): AdmittedConnection {
    const [admitted, ...more] = this.admitted;
    assertEquals(more, []);
    if (admitted === undefined) throw new Error("No connection was admitted");
    return admitted;
  }

  /** Resolves with null if the connection was refused. */
  connect(
    path: string,
    options: { protocols?: string[]; headers?: HeadersInit } = {},
  ): Promise<TestSocket | null> {
    const { promise, resolve } = Promise.withResolvers<TestSocket | null>();
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/v1/connect${path}`, options);
    const closed = new Promise<void>((resolve) => socket.onclose = () => resolve());
    socket.onopen = () => resolve(new TestSocket(socket, closed));
    socket.onerror = () => resolve(null);
    return promise;
  }

  /** Resolves when all sockets are closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await Promise.all(this.#closed);
    this.#app.admission.close();
  }

  #attach(socket: WebSocket, admitted: AdmittedConnection): void {
    this.admitted.push(admitted);
    this.#closed.push(
      new Promise((resolve) => {
        socket.onclose = () => resolve(admitted.slot.release());
        socket.onerror = () => socket.readyState === WebSocket.CONNECTING && resolve(); // no close follows
      }),
    );
  }
}

/** An open WebSocket of a client. */
export class TestSocket {
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  readonly #socket: WebSocket;
  readonly #closed: Promise<void>;

  constructor(socket: WebSocket, closed: Promise<void>) {
    this.protocol = socket.protocol;
    this.#socket = socket;
    this.#closed = closed;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#closed;
  }
}
