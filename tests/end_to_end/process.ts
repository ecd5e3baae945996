/** The service as a process of its own, started with the command of `deno task start`. */

import { assert, assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url).pathname;

export class ServiceProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #output = "";
  #ended = false;

  /** With `folder`, it may use that instead of `data`. */
  constructor(environment: Record<string, string> = {}, { folder = "data" }: { folder?: string } = {}) {
    const [program, ...args] = project.tasks.start.command.replaceAll("=data", `=${folder}`).split(" ");
    assertEquals(program, "deno");
    const env = { PORT: "0", NO_COLOR: "1", TIDINGS_JOURNAL: "memory:", ...environment };
    this.#child = new Deno.Command("/bin/sh", {
      // With the signal ignored, a write beyond the limit of `limitFiles` fails as one to a full disk does.
      args: ["-c", 'trap "" XFSZ; exec "$@"', "sh", Deno.execPath(), ...args],
      cwd: ROOT,
      env,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = Promise.all([this.#read(this.#child.stdout), this.#read(this.#child.stderr)]);
  }

  /** A process that is ready to be used. */
  static async started(
    environment: Record<string, string> = {},
    options: { folder?: string } = {},
  ): Promise<ServiceProcess> {
    const service = new ServiceProcess(environment, options);
    await service.#port();
    return service;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What it has printed. */
  get output(): string {
    return this.#output;
  }

  /** Where it listens, as it said itself. */
  get port(): number {
    return Number(/http:\/\/[^\s"]+:(\d+)/.exec(this.#output)?.[1]);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async notify(body: unknown): Promise<void> {
    const response = await fetch(`${this.url}/v1/notify`, { method: "POST", body: JSON.stringify(body) });
    assertEquals(response.status, 202, await response.text());
  }

  /** Resident memory in bytes, native buffers included; Linux only. */
  async memory(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.pid}/status`);
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** From now on, no file can be larger; null: as large as it likes. Linux only. */
  async limitFiles(bytes: number | null): Promise<void> {
    const args = ["--pid", `${this.pid}`, `--fsize=${bytes ?? "unlimited"}:`];
    const { success } = await new Deno.Command("prlimit", { args }).output();
    assert(success);
  }

  /** From now on, it can open so many files more, and a connection is one. Linux only. */
  async limitOpenFiles(more: number): Promise<void> {
    const open = (await Array.fromAsync(Deno.readDir(`/proc/${this.pid}/fd`))).length;
    const args = ["--pid", `${this.pid}`, `--nofile=${open + more}:`];
    const { success } = await new Deno.Command("prlimit", { args }).output();
    assert(success);
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Its exit code, once it has ended. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#reading;
    this.#ended = true;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.signal("SIGKILL");
    await this.ended();
  }

  /** Resolves when it has printed that. Fails if it ends without. */
  async prints(text: string): Promise<void> {
    await this.#until(() => this.#output.includes(text));
  }

  async #port(): Promise<void> {
    await this.#until(() => !Number.isNaN(this.port));
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const isOver = await Promise.race([this.#child.status.then(() => true), soon().then(() => false)]);
      assert(!isOver, this.#output);
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
