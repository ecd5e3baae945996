/** A real NATS server for tests, on a free port and with its own store: Debian's, or the program in NATS_SERVER. */

import { assert } from "@std/assert";
import { type LinkOptions, NatsLink } from "../../src/nats/link.ts";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";
import { eventually } from "../eventually.ts";
import { findProgram, type TestProgram } from "../find_program.ts";
import { copyFolder } from "../copy_folder.ts";
import { countInFolder } from "../count_in_folder.ts";
import { type NatsHost, THIS_HOST } from "./nats_host.ts";

export const NATS_SERVER: TestProgram = findProgram("NATS", {
  variable: "NATS_SERVER",
  defaultPath: "/usr/sbin/nats-server",
});

const usedPorts = new Set<number>();

/** Defines a test that needs NATS. */
export const test: typeof Deno.test | typeof Deno.test.ignore = NATS_SERVER.test;

/** What the server has stored at some time. */
export interface StoreCopy {
  readonly folder: string;
}

export interface NatsServerOptions {
  /** Further lines of the configuration file. */
  readonly config?: string;
  /** Servers that know each other need their ports before they start. */
  readonly port?: number;
  readonly host?: NatsHost;
}

export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly monitoringPort: number;
  readonly #folder: string;
  readonly #host: NatsHost;
  #child: Deno.ChildProcess | undefined;
  #output = "";
  #reading: Promise<void> = Promise.resolve();

  private constructor(port: number, { folder, host }: { folder: string; host: NatsHost }) {
    this.port = port;
    this.monitoringPort = freePort();
    this.#folder = folder;
    this.#host = host;
  }

  /** Resolves with a server that is ready for connections. */
  static async started(
    { config = "", port = freePort(), host = THIS_HOST }: NatsServerOptions = {},
  ): Promise<NatsServer> {
    const folder = await Deno.makeTempDir();
    const server = new NatsServer(port, { folder, host });
    await Deno.writeTextFile(`${folder}/nats.conf`, server.#configuration(config));
    await server.start();
    return server;
  }

  get address(): string {
    return `${this.#host.hostname}:${this.port}`;
  }

  /** The URL for `TIDINGS_JOURNAL`. */
  url(stream = "tidings"): string {
    return `nats://${this.address}/?stream=${stream}`;
  }

  get pid(): number {
    return this.#child?.pid ?? NaN;
  }

  /** The server's log. */
  get output(): string {
    return this.#output;
  }

  /** The answer of the monitoring endpoint, for example of `/connz?subs=1`. */
  async monitoring<T>(path: string): Promise<T> {
    const response = await fetch(`http://${this.#host.hostname}:${this.monitoringPort}${path}`);
    return await response.json();
  }

  /** Opens a link, which the caller closes. */
  async link(options: Partial<LinkOptions> = {}): Promise<NatsLink> {
    const url = parseNatsUrl(this.url());
    assert(url !== undefined);
    return await NatsLink.open(url, {
      name: "test",
      retryMs: 20,
      requestMs: 2_000,
      report: () => {},
      ...options,
    });
  }

  /** Starts the server, or restarts it with everything that it has stored. */
  async start(): Promise<void> {
    // For a moment, an outgoing connection of another process may use the port.
    await eventually(() => this.#launch(), "the start of the NATS server");
  }

  signal(signal: Deno.Signal): void {
    try {
      this.#child?.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the server has already ended
    }
  }

  /** Ends the server and keeps what it has stored. */
  async stop(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    this.signal(signal);
    await this.#child?.status;
    await this.#reading;
    this.#child = undefined;
  }

  /** Copies what the server has stored. The server must be stopped. */
  async copyStore(): Promise<StoreCopy> {
    const folder = await Deno.makeTempDir({ dir: this.#folder });
    await copyFolder(this.#store, folder);
    return { folder };
  }

  /**
   * Puts the store, or a part of it, back into the state of a copy, as a power cut or a snapshot does. The server must be
   * stopped.
   */
  async rollBack({ folder }: StoreCopy, part = ""): Promise<void> {
    await this.wipeStore(part);
    await copyFolder(`${folder}/${part}`, `${this.#store}/${part}`);
  }

  /** Removes what the server has stored, or a part of it. The server must be stopped. */
  async wipeStore(part = ""): Promise<void> {
    await Deno.remove(`${this.#store}/${part}`, { recursive: true });
  }

  /** Makes the server start with or without JetStream from now on. */
  async enableJetStream(isEnabled: boolean): Promise<void> {
    const path = `${this.#folder}/nats.conf`;
    const lines = (await Deno.readTextFile(path)).split("\n").map((line) => line.replace(/^# /, ""));
    const changed = lines.map((line) => line.startsWith("jetstream") && !isEnabled ? `# ${line}` : line);
    await Deno.writeTextFile(path, changed.join("\n"));
  }

  /** How often the bytes of a text are in what the server has stored. */
  countStored(text: string): number {
    return countInFolder(this.#store, text);
  }

  get #store(): string {
    return `${this.#folder}/store`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #configuration(extra: string): string {
    return `listen: "${this.address}"
http: "${this.#host.hostname}:${this.monitoringPort}"
server_name: "n${this.port}"
jetstream { store_dir: "${this.#store}" }
${extra}
`;
  }

  /** Resolves to false if the port is in use. */
  async #launch(): Promise<boolean> {
    this.#output = "";
    const { within, program: server = NATS_SERVER.path } = this.#host;
    const [program = "", ...args] = [...within, server, "-c", `${this.#folder}/nats.conf`];
    this.#child = new Deno.Command(program, { args, stdout: "null", stderr: "piped" }).spawn();
    this.#reading = this.#read(this.#child.stderr);
    const isReady = () => this.#output.includes("Server is ready");
    let hasEnded = false;
    void this.#child.status.then(() => hasEnded = true);
    await eventually(() => hasEnded || isReady(), "the start of the NATS server");
    if (isReady()) return true;
    await this.#reading;
    assert(this.#output.includes("address already in use"), this.#output);
    return false;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}

/** A port that is free now, and that was not returned before: its first user may not listen on it yet. */
export function freePort(): number {
  for (;;) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    if (usedPorts.has(port)) continue;
    usedPorts.add(port);
    return port;
  }
}
