/** A proxy that runs in front of a test's nodes, with the configuration that the project ships. */

import { assert } from "@std/assert";
import { eventually } from "../eventually.ts";
import { freePort } from "../nats/nats_server.ts";
import { type ProxyProgram, SHIPPED } from "./programs.ts";

export class Proxy implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #output = "";

  private constructor(program: ProxyProgram, { folder, port }: { folder: string; port: number }) {
    this.port = port;
    this.#folder = folder;
    this.#child = new Deno.Command(program.path, {
      args: [...program.args(`${folder}/${program.config}`, folder)],
      env: { ...program.environment, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#reading = this.#read(this.#child.stderr);
  }

  /** Starts a proxy in front of the nodes on these ports, after a change of its configuration. */
  static async start(
    program: ProxyProgram,
    nodes: readonly number[],
    change: (text: string) => string = (text) => text,
  ): Promise<Proxy> {
    const port = freePort(), folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755); // nginx drops its privileges
    const shipped = await Deno.readTextFile(new URL(program.config, SHIPPED));
    const text = shipped.replaceAll(
      /tidings-(\d)(:|, port_value: )8000/g,
      (_, n, colon) => `127.0.0.1${colon}${nodes[n - 1]}`,
    )
      .replaceAll("8000", `${port}`);
    await Deno.writeTextFile(`${folder}/${program.config}`, change(program.adapt(text, folder)));
    const proxy = new Proxy(program, { folder, port });
    await proxy.#waitUntilReady();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Its log so far. */
  get output(): string {
    return this.#output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reading;
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #waitUntilReady(): Promise<void> {
    let hasExited = false;
    this.#child.status.then(() => hasExited = true);
    await eventually(async () => {
      const response = await fetch(`${this.url}/healthz`).catch(() => null);
      await response?.body?.cancel();
      assert(!hasExited, this.#output);
      return response?.ok ?? false;
    }, "an answer through the proxy");
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}
