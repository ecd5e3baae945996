/** The app behind a real socket, where browsers are let in or not, and keep their slots until they leave. */

import { assertEquals } from "@std/assert";
import type { AdmittedConnection } from "../../src/connection/session.ts";
import { type TestApp, testApp, type TestParts } from "./test_app.ts";

export class Venue implements AsyncDisposable {
  readonly admitted: AdmittedConnection[] = [];
  readonly #left: Promise<void>[] = [];
  readonly #app: TestApp;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(parts: TestParts = {}) {
    const attach = (socket: WebSocket, admitted: AdmittedConnection) => this.#attach(socket, admitted);
    const openEventStream = () => new ReadableStream<Uint8Array<ArrayBuffer>>();
    this.#app = testApp({ ...parts, sessions: { attach, openEventStream } });
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, this.#app.app.fetch);
  }

  /** Seats that are taken. */
  get taken(): number {
    return this.#app.admission.slots.taken;
  }

  /** The one who was let in. */
  onlyAdmitted(): AdmittedConnection {
    const [admitted, ...more] = this.admitted;
    assertEquals(more, []);
    if (admitted === undefined) throw new Error("Nobody was let in");
    return admitted;
  }

  /** Null: was not let in. */
  connect(
    path: string,
    options: { protocols?: string[]; headers?: HeadersInit } = {},
  ): Promise<Guest | null> {
    const { promise, resolve } = Promise.withResolvers<Guest | null>();
    const socket = new WebSocket(`ws://127.0.0.1:${this.#server.addr.port}/v1/connect${path}`, options);
    const gone = new Promise<void>((resolve) => socket.onclose = () => resolve());
    socket.onopen = () => resolve(new Guest(socket, gone));
    socket.onerror = () => resolve(null);
    return promise;
  }

  /** When everybody has left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await Promise.all(this.#left);
    this.#app.admission.close();
  }

  #attach(socket: WebSocket, admitted: AdmittedConnection): void {
    this.admitted.push(admitted);
    this.#left.push(
      new Promise((resolve) => {
        socket.onclose = () => resolve(admitted.slot.release());
      }),
    );
  }
}

/** A browser that was let in. */
export class Guest {
  /** The subprotocol that was chosen. */
  readonly protocol: string;
  readonly #socket: WebSocket;
  readonly #gone: Promise<void>;

  constructor(socket: WebSocket, gone: Promise<void>) {
    this.protocol = socket.protocol;
    this.#socket = socket;
    this.#gone = gone;
  }

  async leave(): Promise<void> {
    this.#socket.close();
    await this.#gone;
  }
}
