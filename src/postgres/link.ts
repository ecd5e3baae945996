/** A connection to PostgreSQL, which is never reused after it has failed. */

import postgres from "postgres";
import type { PostgresServer, PostgresUrl } from "./postgres_url.ts";
import { openSocket } from "./socket.ts";

export interface PostgresLinkOptions {
  readonly server: PostgresServer;
  /** The connection fails if it takes longer to open, or if the server takes longer to answer. */
  readonly requestMs: number;
  /** Cuts the connection while it is being opened. */
  readonly signal: AbortSignal;
  /** Called when a channel that the connection listens to has a message. */
  readonly onNotify: () => void;
}

/** The values of a row. `bigint` and `json` are their text, because JavaScript's values would change numbers. */
export type PostgresRow = Readonly<Record<string, unknown>>;

/** The types json and jsonb, by their numbers in PostgreSQL. */
const JSON_AS_TEXT = { to: 114, from: [114, 3802], serialize: String, parse: String };

/** The driver's types lack two options that it documents. */
interface Options extends postgres.Options<{ json: postgres.PostgresType<string> }> {
  readonly socket: () => Promise<unknown>;
  readonly onnotify: () => void;
}

/**
 * It uses neither prepared statements nor settings that outlive a transaction, so it also works through PgBouncer, which
 * may give every transaction another server. Only messages do not arrive then.
 *
 * The driver would connect again by itself, and let some queries wait for ever when that fails. Here, everything that
 * waits is rejected when the connection ends.
 */
export class PostgresLink implements AsyncDisposable {
  readonly #requestMs: number;
  readonly #socket = new AbortController();
  readonly #pending = new Set<(error: unknown) => void>();
  readonly #sql: postgres.Sql;
  #isOpened = false;
  #failure: unknown;

  private constructor(
    { user: username, password, database, tls, applicationName }: PostgresUrl,
    { server, requestMs, onNotify }: PostgresLinkOptions,
  ) {
    this.#requestMs = requestMs;
    // The driver reads environment variables in place of whatever is not given.
    const options: Options = {
      host: server.host,
      port: server.port,
      username,
      password: () => password ?? "",
      database,
      max: 1,
      prepare: false,
      fetch_types: false,
      types: { json: JSON_AS_TEXT },
      ssl: false, // the socket does that
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: requestMs / 1000,
      connection: { application_name: applicationName },
      socket: () => this.#openOnce(() => openSocket(server, { tls, signal: this.#socket.signal })),
      onnotice: () => {},
      onnotify: onNotify,
      onclose: () => this.#fail(new Error("the connection was lost")),
    };
    this.#sql = postgres(options);
  }

  /** Rejects if the server cannot be reached, or refuses the login. */
  static async open(url: PostgresUrl, options: PostgresLinkOptions): Promise<PostgresLink> {
    const link = new PostgresLink(url, options);
    const cut = () => link.#fail(options.signal.reason);
    options.signal.addEventListener("abort", cut);
    try {
      options.signal.throwIfAborted();
      await link.query("select");
      return link;
    } catch (error) {
      await link.close();
      throw error;
    } finally {
      options.signal.removeEventListener("abort", cut);
    }
  }

  /** Resolves with the rows of a statement. Statements that are not awaited are sent together, in order. */
  async query(text: string, parameters: readonly string[] = []): Promise<readonly PostgresRow[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<readonly PostgresRow[]>();
    this.#pending.add(reject);
    const timer = setTimeout(
      () => this.#fail(new Error(`the server has not answered within ${this.#requestMs} ms`)),
      this.#requestMs,
    );
    try {
      this.#sql.unsafe(text, [...parameters]).then((rows) => resolve([...rows]), reject);
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(reject);
    }
  }

  /** Says goodbye to the server if it listens, and cuts the connection. */
  async close(): Promise<void> {
    await this.#sql.end({ timeout: this.#failure === undefined ? 1 : 0 });
    this.#fail(new Error("the connection was closed"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The driver asks for another socket when the connection has ended, even if the server refuses each at once. */
  async #openOnce<T>(open: () => Promise<T>): Promise<T> {
    if (this.#isOpened) this.#fail(new Error("the server closed the connection"));
    if (this.#failure !== undefined) throw this.#failure;
    this.#isOpened = true;
    return await open();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#socket.abort(this.#failure);
    for (const reject of [...this.#pending]) reject(this.#failure);
  }
}
