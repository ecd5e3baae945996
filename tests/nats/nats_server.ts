/** A real NATS server for tests, on a free port with a store of its own: Debian's, or the one that NATS_SERVER names. */

import { assert } from "@std/assert";
import { type LinkOptions, NatsLink } from "../../src/nats/link.ts";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";
import { type Installed, installed } from "../installed.ts";

export const NATS_SERVER: Installed = installed("NATS", {
  variable: "NATS_SERVER",
  at: "/usr/sbin/nats-server",
});

const given = new Set<number>();

/** Defines a test that needs NATS. */
export const test: typeof Deno.test | typeof Deno.test.ignore = NATS_SERVER.test;

/** What else a server is told in its configuration file. */
export interface NatsOptions {
  readonly config?: string;
  /** Ports are chosen before servers that are to know each other start. */
  readonly port?: number;
}

export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly monitoringPort: number;
  readonly #folder: string;
  #child: Deno.ChildProcess | undefined;
  #output = "";
  #reading: Promise<void> = Promise.resolve();

  private constructor(port: number, monitoringPort: number, folder: string) {
    this.port = port;
    this.monitoringPort = monitoringPort;
    this.#folder = folder;
  }

  /** A server that is ready to be used. */
  static async started({ config = "", port = freePort() }: NatsOptions = {}): Promise<NatsServer> {
    const folder = await Deno.makeTempDir();
    const server = new NatsServer(port, freePort(), folder);
    await Deno.writeTextFile(`${folder}/nats.conf`, server.#configuration(config));
    await server.start();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** As `TIDINGS_JOURNAL` has it. */
  url(stream = "tidings"): string {
    return `nats://${this.address}/?stream=${stream}`;
  }

  get pid(): number {
    return this.#child?.pid ?? NaN;
  }

  /** What it has logged. */
  get output(): string {
    return this.#output;
  }

  /** What its monitoring says: `/connz?subs=1`. */
  async monitoring<T>(path: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.monitoringPort}${path}`);
    return await response.json();
  }

  /** A link to it. The caller closes it. */
  async link(options: Partial<LinkOptions> = {}): Promise<NatsLink> {
    const place = parseNatsUrl(this.url());
    assert(place !== undefined);
    return await NatsLink.open(place, {
      name: "test",
      retryMs: 20,
      requestMs: 2_000,
      report: () => {},
      ...options,
    });
  }

  /** Starts it, or starts it again with all that it has stored. */
  async start(): Promise<void> {
    while (!await this.#launched()) await soon(); // for a moment, somebody's connection may go out by its port
  }

  signal(signal: Deno.Signal): void {
    try {
      this.#child?.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
  }

  /** Ends it; what it has stored stays there. */
  async stop(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    this.signal(signal);
    await this.#child?.status;
    await this.#reading;
    this.#child = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #configuration(more: string): string {
    return `listen: "${this.address}"
http: "127.0.0.1:${this.monitoringPort}"
server_name: "n${this.port}"
jetstream { store_dir: "${this.#folder}/store" }
${more}
`;
  }

  /** False: its port is taken. */
  async #launched(): Promise<boolean> {
    this.#output = "";
    const args = ["-c", `${this.#folder}/nats.conf`];
    this.#child = new Deno.Command(NATS_SERVER.path, { args, stdout: "null", stderr: "piped" }).spawn();
    this.#reading = this.#read(this.#child.stderr);
    const { status } = this.#child;
    while (!this.#output.includes("Server is ready")) {
      const isOver = await Promise.race([status.then(() => true), soon().then(() => false)]);
      if (!isOver) continue;
      await this.#reading;
      assert(this.#output.includes("address already in use"), this.#output);
      return false;
    }
    return true;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}

/** A port that nobody listens on, and that was not given before: who got it may not listen yet. */
export function freePort(): number {
  for (;;) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
