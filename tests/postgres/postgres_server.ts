/** A real PostgreSQL server for tests, on a free port and with its own files: Debian's, or that of POSTGRES_BIN. */

import { assert } from "@std/assert";
import { PostgresLink, type PostgresRow } from "../../src/postgres/link.ts";
import { parsePostgresUrl, type PostgresUrl } from "../../src/postgres/postgres_url.ts";
import { eventually } from "../eventually.ts";
import { findProgram, type TestProgram } from "../find_program.ts";
import { freePort } from "../nats/nats_server.ts";

const POSTGRES: TestProgram = findProgram("PostgreSQL", {
  variable: "POSTGRES",
  defaultPath: "/usr/lib/postgresql/15/bin/postgres",
});

/** Defines a test that needs PostgreSQL. */
export const test: typeof Deno.test | typeof Deno.test.ignore = POSTGRES.test;

const SCHEMA = new URL("../../deploy/postgres/outbox.sql", import.meta.url);
const CERTIFICATES = new URL("../nats/certificates/", import.meta.url);
const NOBODY = 65_534;

/** PostgreSQL refuses to run as root. */
export const UNPRIVILEGED: Pick<Deno.CommandOptions, "uid" | "gid"> = Deno.uid() === 0
  ? { uid: NOBODY, gid: NOBODY }
  : {};

let initialized: Promise<string> | undefined;

/** Creates the files of a new server, which every other one copies: that takes a tenth of the time. */
async function initialize(): Promise<string> {
  const folder = await makeFolder();
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const args = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", "--wal-segsize=1"];
  await runUnprivileged(POSTGRES.path.replace(/postgres$/, "initdb"), ["-D", `${folder}/data`, ...args]);
  return `${folder}/data`;
}

async function makeFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  if (UNPRIVILEGED.uid !== undefined) await Deno.chown(folder, NOBODY, NOBODY);
  return folder;
}

async function runUnprivileged(program: string, args: readonly string[]): Promise<void> {
  const command = new Deno.Command(program, { args: [...args], cwd: "/", ...UNPRIVILEGED });
  const { success, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr));
}

export interface PostgresServerOptions {
  /** Further lines of `postgresql.conf`. */
  readonly config?: string;
  /** The lines of `pg_hba.conf`: who may log in, and how. */
  readonly logins?: string;
  /** What is run in the new database. By default, the project's own outbox.sql. */
  readonly schema?: string;
}

/** Its superuser is `postgres`, its database `postgres`, and nobody needs a password. */
export class PostgresServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  #child: Deno.ChildProcess | undefined;
  #output = "";
  #reading: Promise<void> = Promise.resolve();

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** Resolves with a server that is ready for connections. */
  static async started(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const server = await PostgresServer.prepared(options);
    await server.start();
    const schema = options.schema ?? await Deno.readTextFile(SCHEMA);
    await server.run(schema);
    return server;
  }

  /** Resolves with a server that is not started. */
  static async prepared(
    { config = "", logins = "host all all 127.0.0.0/8 trust" }: PostgresServerOptions = {},
  ): Promise<PostgresServer> {
    const folder = await makeFolder();
    const server = new PostgresServer(freePort(), folder);
    await runUnprivileged("cp", ["-r", await (initialized ??= initialize()), `${folder}/data`]);
    await server.#write("data/pg_hba.conf", logins);
    await server.#write("data/postgresql.auto.conf", server.#configuration(config));
    for (const name of ["server.pem", "server-key.pem", "ca.pem"]) {
      await server.#write(`data/${name}`, await Deno.readTextFile(new URL(name, CERTIFICATES)));
    }
    return server;
  }

  /** The URL for `TIDINGS_OUTBOX`. */
  address(user = "tidings", more = ""): string {
    return `postgres://${user}@127.0.0.1:${this.port}/postgres${more}`;
  }

  url(user = "tidings", more = ""): PostgresUrl {
    return postgresUrl(this.address(user, more));
  }

  /** The server's log. */
  get output(): string {
    return this.#output;
  }

  /** Opens a connection of the superuser, which the caller closes. */
  async link({ url = this.url("postgres"), onNotify = () => {} } = {}): Promise<PostgresLink> {
    const { servers: [server] } = url, { signal } = new AbortController();
    assert(server !== undefined);
    return await PostgresLink.open(url, { server, requestMs: 10_000, signal, onNotify });
  }

  /** Runs statements as the superuser, and resolves with the rows of the last one. */
  async run(text: string, parameters: readonly string[] = []): Promise<readonly PostgresRow[]> {
    await using link = await this.link();
    return await link.query(text, parameters);
  }

  /** Starts the server, or restarts it with everything that it has stored. */
  async start(): Promise<void> {
    this.#output = "";
    const args = ["-D", `${this.#folder}/data`];
    this.#child = new Deno.Command(POSTGRES.path, {
      args,
      cwd: this.#folder,
      stdout: "null",
      stderr: "piped",
      ...UNPRIVILEGED,
    }).spawn();
    this.#reading = this.#read(this.#child.stderr);
    let hasEnded = false;
    void this.#child.status.then(() => hasEnded = true);
    const isReady = () => this.#output.includes("database system is ready to accept connections");
    await eventually(() => hasEnded || isReady(), "the start of PostgreSQL");
    assert(isReady(), this.#output);
  }

  /** By default, every connection is cut at once, and the log is recovered at the next start. */
  async stop(signal: Deno.Signal = "SIGQUIT"): Promise<void> {
    try {
      this.#child?.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the server has already ended
    }
    await this.#child?.status;
    await this.#reading;
    this.#child = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #configuration(more: string): string {
    return `listen_addresses = '127.0.0.1'
port = ${this.port}
unix_socket_directories = ''
shared_buffers = 16MB
fsync = off
log_min_messages = log
${more}
`;
  }

  /** A key must belong to the server, and nobody else may read it. */
  async #write(name: string, text: string): Promise<void> {
    const path = `${this.#folder}/${name}`;
    await Deno.writeTextFile(path, text, { mode: 0o600 });
    if (UNPRIVILEGED.uid !== undefined) await Deno.chown(path, NOBODY, NOBODY);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}

export function postgresUrl(text: string): PostgresUrl {
  const url = parsePostgresUrl(text);
  assert(url !== undefined, text);
  return url;
}

/** The configuration of a server with TLS, whose certificate is for localhost. */
export const WITH_TLS = `ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server-key.pem'`;

export const CA = new URL("ca.pem", CERTIFICATES).pathname;
