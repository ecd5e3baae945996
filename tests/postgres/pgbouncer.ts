/** A real PgBouncer for tests, which gives every transaction any of its connections to a PostgreSQL server. */

import { eventually } from "../eventually.ts";
import { findProgram, type TestProgram } from "../find_program.ts";
import { freePort } from "../nats/nats_server.ts";
import { type PostgresServer, UNPRIVILEGED } from "./postgres_server.ts";

const PGBOUNCER: TestProgram = findProgram("PgBouncer", {
  variable: "PGBOUNCER",
  defaultPath: "/usr/sbin/pgbouncer",
});

/** Defines a test that needs PgBouncer. */
export const testWithPgBouncer: typeof Deno.test | typeof Deno.test.ignore = PGBOUNCER.test;

export class PgBouncer implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #output = "";

  private constructor(port: number, config: string) {
    this.port = port;
    this.#child = new Deno.Command(PGBOUNCER.path, {
      args: [config],
      stdout: "null",
      stderr: "piped",
      ...UNPRIVILEGED,
    }).spawn();
    this.#reading = this.#read();
  }

  static async started(server: PostgresServer): Promise<PgBouncer> {
    const port = freePort(), config = await Deno.makeTempFile({ suffix: ".ini" });
    await Deno.writeTextFile(
      config,
      `[databases]
* = host=127.0.0.1 port=${server.port} user=tidings
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
server_round_robin = 1
min_pool_size = 3
`,
    );
    await Deno.chmod(config, 0o644);
    const bouncer = new PgBouncer(port, config);
    await eventually(() => bouncer.#output.includes("process up"), "the start of PgBouncer");
    await Deno.remove(config);
    return bouncer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}
