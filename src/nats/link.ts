/** This process's connection to NATS, which reconnects automatically and notifies its listeners of each change. */

import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { type ConnectionOptions, credsAuthenticator, type NatsConnection } from "@nats-io/nats-core";
import { comparesEarly } from "./early_comparison.ts";
import { retryUntilReady } from "./retry_until_ready.ts";
import type { NatsUrl } from "./nats_url.ts";
import { connect } from "./transport.ts";

/** Callbacks for changes of the connection. They are called synchronously. */
export interface LinkListener {
  /** The connection is lost. Until `onUp`, messages that are published are lost and requests get no answer. */
  onDown?(): void;
  /** The connection and all subscriptions are back. Messages that were sent to them meanwhile are lost. */
  onUp?(): void;
  /** The server lost or regained a route to another server. Messages from that server may have been lost. */
  onTopologyChange?(): void;
}

export interface LinkOptions {
  /** The connection's name in the monitoring of NATS. */
  readonly name: string;
  /** Delay before each attempt to reconnect. Up to half as much again is added at random, to spread the nodes. */
  readonly retryMs: number;
  /** Timeout of a request. */
  readonly requestMs: number;
  /** Called with errors that the server sends outside of any request. */
  report(error: unknown): void;
}

/** The connection is cut if a ping is not answered before the next one is due, whatever the state of TCP. */
const PING_MS = 2_000;
const CONNECT_MS = 3_000;

export class NatsLink implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly requestMs: number;
  readonly #listeners = new Set<LinkListener>();
  readonly #pending = new Set<(error: Error) => void>();
  readonly #watching: Promise<void>;
  #isUp = true;

  private constructor(connection: NatsConnection, manager: JetStreamManager, options: LinkOptions) {
    this.connection = connection;
    this.manager = manager;
    this.requestMs = options.requestMs;
    this.jetstream = jetstream(connection, { timeout: options.requestMs });
    this.#watching = this.#watch(options);
  }

  /** Rejects if no server accepts the connection, or if the one that does has no JetStream. */
  static async open(url: NatsUrl, options: LinkOptions): Promise<NatsLink> {
    const connection = await connect(await connectionOptions(url, options)).catch((cause: Error) => {
      throw new Error(`cannot connect to ${url.servers.join(" or ")}: ${cause.message}`, { cause });
    });
    try {
      const manager = await retryUntilReady(() =>
        jetstreamManager(connection, { timeout: options.requestMs })
      );
      return new NatsLink(connection, manager, options);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** The version of the server that the link is connected to. */
  get version(): string {
    return this.connection.info?.version ?? "";
  }

  /** Whether two messages that expect to follow the same one can both be stored. */
  get comparesEarly(): boolean {
    return comparesEarly(this.connection.info ?? {});
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Calls the listener at each change, until the returned disposable is disposed. */
  addListener(listener: LinkListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The result of a request. Rejects as soon as the connection is lost, because no answer can come after that. */
  async rejectOnDisconnect<T>(request: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#pending.add(reject);
    try {
      request().then(resolve, reject);
      return await promise;
    } finally {
      this.#pending.delete(reject);
    }
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.connection.close();
    await this.#watching;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #watch({ report }: LinkOptions): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "disconnect") this.#setUp(false);
      if (status.type === "reconnect") this.#setUp(true);
      if (status.type === "update") this.#notifyTopologyChange();
      if (status.type === "error") report(status.error);
    }
  }

  /** The server sends the members of its cluster whenever one of its own routes ends or is restored. */
  #notifyTopologyChange(): void {
    for (const listener of [...this.#listeners]) listener.onTopologyChange?.();
  }

  #setUp(isUp: boolean): void {
    this.#isUp = isUp;
    if (!isUp) this.#rejectPending();
    for (const listener of [...this.#listeners]) {
      if (isUp) listener.onUp?.();
      else listener.onDown?.();
    }
  }

  #rejectPending(): void {
    for (const reject of this.#pending) reject(new Error("the connection to NATS was lost"));
  }
}

async function connectionOptions(url: NatsUrl, options: LinkOptions): Promise<ConnectionOptions> {
  const { user, password, credentials, tls } = url;
  return {
    servers: [...url.servers],
    name: options.name,
    ...user === null ? {} : { user, pass: password ?? "" },
    ...credentials === null ? {} : { authenticator: credsAuthenticator(await Deno.readFile(credentials)) },
    ...tls === null ? {} : { tls: await readCertificates(tls) },
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true, // a server refuses logins for a while when its configuration is being changed
    reconnectTimeWait: options.retryMs,
    reconnectJitter: options.retryMs / 2,
    reconnectJitterTLS: options.retryMs / 2,
    pingInterval: PING_MS,
    maxPingOut: 1,
    timeout: Math.max(options.requestMs, CONNECT_MS),
    noAsyncTraces: true, // a stack trace for each request costs more than the request
  };
}

async function readCertificates(
  { ca, cert, key }: NonNullable<NatsUrl["tls"]>,
): Promise<NonNullable<ConnectionOptions["tls"]>> {
  return {
    ...ca === null ? {} : { ca: await Deno.readTextFile(ca) },
    ...cert === null || key === null
      ? {}
      : { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) },
  };
}
