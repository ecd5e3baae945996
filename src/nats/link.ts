/** A link: this process's connection to NATS, which comes back by itself, and says when it is gone and back again. */

import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { type ConnectionOptions, credsAuthenticator, type NatsConnection } from "@nats-io/nats-core";
import { retryUntilReady } from "./retry_until_ready.ts";
import type { NatsUrl } from "./nats_url.ts";
import { connect } from "./transport.ts";

/** Told at once. While it is down, what is published is lost and what is asked is not answered. */
export interface LinkEvents {
  down?(): void;
  /** All subscriptions are there again; what was sent to them meanwhile is lost. */
  up?(): void;
  /** The server has lost another one, or has found it again; what that one sent meanwhile may be lost. */
  regrouped?(): void;
}

export interface LinkOptions {
  /** As which it shows up in the monitoring of NATS. */
  readonly name: string;
  /** Before it tries again to connect; half as much again at random, so that nodes do not come back as one. */
  readonly retryMs: number;
  /** How long it waits for an answer. */
  readonly requestMs: number;
  /** Told what the server complains of, and what it cannot do anything about. */
  report(error: unknown): void;
}

/** Of these, one may stay away: then the line is cut, whatever TCP says. */
const PING_MS = 2_000;
const CONNECT_MS = 3_000;

export class NatsLink implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly requestMs: number;
  readonly #listeners = new Set<LinkEvents>();
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #watching: Promise<void>;
  #isUp = true;

  private constructor(connection: NatsConnection, manager: JetStreamManager, options: LinkOptions) {
    this.connection = connection;
    this.manager = manager;
    this.requestMs = options.requestMs;
    this.jetstream = jetstream(connection, { timeout: options.requestMs });
    this.#watching = this.#watch(options);
  }

  /** Rejects if no server lets it in, or the one that does has no JetStream. */
  static async open(place: NatsUrl, options: LinkOptions): Promise<NatsLink> {
    const connection = await connect(await connectionOptions(place, options)).catch((cause: Error) => {
      throw new Error(`cannot connect to ${place.servers.join(" or ")}: ${cause.message}`, { cause });
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

  /** Of the server that it is connected to. */
  get version(): string {
    return this.connection.info?.version ?? "";
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** From now on tells these what happens; the disposable ends it. */
  tell(events: LinkEvents): Disposable {
    this.#listeners.add(events);
    return { [Symbol.dispose]: () => void this.#listeners.delete(events) };
  }

  /** The answer to what is asked of the server. Rejects as soon as the line breaks: what was asked over it gets none. */
  async answer<T>(ask: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.add(reject);
    try {
      ask().then(resolve, reject);
      return await promise;
    } finally {
      this.#waiting.delete(reject);
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
      if (status.type === "disconnect") this.#becomes(false);
      if (status.type === "reconnect") this.#becomes(true);
      if (status.type === "update") this.#regroups();
      if (status.type === "error") report(status.error);
    }
  }

  #giveUp(): void {
    for (const reject of this.#waiting) reject(new Error("the line to NATS broke"));
  }

  /** The server says who belongs to its cluster each time that a route of its own ends or is there again. */
  #regroups(): void {
    for (const events of [...this.#listeners]) events.regrouped?.();
  }

  #becomes(isUp: boolean): void {
    this.#isUp = isUp;
    if (!isUp) this.#giveUp();
    for (const events of [...this.#listeners]) {
      if (isUp) events.up?.();
      else events.down?.();
    }
  }
}

async function connectionOptions(place: NatsUrl, options: LinkOptions): Promise<ConnectionOptions> {
  const { user, password, credentials, tls } = place;
  return {
    servers: [...place.servers],
    name: options.name,
    ...user === null ? {} : { user, pass: password ?? "" },
    ...credentials === null ? {} : { authenticator: credsAuthenticator(await Deno.readFile(credentials)) },
    ...tls === null ? {} : { tls: await certificatesOf(tls) },
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true, // a server that is being configured refuses for a while
    reconnectTimeWait: options.retryMs,
    reconnectJitter: options.retryMs / 2,
    reconnectJitterTLS: options.retryMs / 2,
    pingInterval: PING_MS,
    maxPingOut: 1,
    timeout: Math.max(options.requestMs, CONNECT_MS),
    noAsyncTraces: true, // one for each request costs more than the request
  };
}

async function certificatesOf(
  { ca, cert, key }: NonNullable<NatsUrl["tls"]>,
): Promise<NonNullable<ConnectionOptions["tls"]>> {
  return {
    ...ca === null ? {} : { ca: await Deno.readTextFile(ca) },
    ...cert === null || key === null
      ? {}
      : { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) },
  };
}
