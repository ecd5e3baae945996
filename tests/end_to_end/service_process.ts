/** The service in a process of its own, with the command of `deno task start`. */

import { assert, assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { eventually } from "../eventually.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

export class ServiceProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  readonly #hostname: string;
  #output = "";
  #hasExited = false;

  /**
   * With `folder`, it may use that instead of `data`.
   *
   * @param options.within a command that starts others, in a network namespace for example
   * @param options.args what is added to the command
   * @param options.allowEnv the variables that it may read, instead of all
   * @param options.flags of Deno, instead of all those of the task
   * @param options.inspect whether its inspector listens, on a port of its own
   */
  constructor(
    environment: Record<string, string> = {},
    { folder = "data", within = [], args: more = [], allowEnv, flags, inspect = false }: {
      folder?: string;
      within?: readonly string[];
      args?: readonly string[];
      allowEnv?: string;
      flags?: readonly string[];
      inspect?: boolean;
    } = {},
  ) {
    const task = project.tasks.start.command.replaceAll("=data", `=${folder}`);
    const narrowed = allowEnv === undefined ? task : task.replace("--allow-env", `--allow-env=${allowEnv}`);
    const whole = flags === undefined ? narrowed : `deno run ${flags.join(" ")} main.ts`;
    const inspected = inspect ? whole.replace("deno run", "deno run --inspect=127.0.0.1:0") : whole;
    const [program, ...rest] = [...inspected.split(" "), ...more];
    assertEquals(program, "deno");
    const [command = "", ...args] = [...within, Deno.execPath(), ...rest];
    const env: Record<string, string> = {
      PORT: "0",
      NO_COLOR: "1",
      TIDINGS_JOURNAL: "memory:",
      ...environment,
    };
    this.#hostname = env.HOST ?? "127.0.0.1";
    this.#child = new Deno.Command(command, {
      args,
      cwd: ROOT,
      env,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child.status.then(() => this.#hasExited = true);
    this.#reading = Promise.all([this.#read(this.#child.stdout), this.#read(this.#child.stderr)]);
  }

  /** Starts a process, and resolves when it listens. */
  static async start(
    environment: Record<string, string> = {},
    options: ConstructorParameters<typeof ServiceProcess>[1] = {},
  ): Promise<ServiceProcess> {
    const service = new ServiceProcess(environment, options);
    await service.#outputMatches(() => !Number.isNaN(service.port));
    return service;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Everything that it has printed. */
  get output(): string {
    return this.#output;
  }

  /** The port that it has printed. */
  get port(): number {
    return Number(/http:\/\/[^\s"]+:(\d+)/.exec(this.#output)?.[1]);
  }

  /** The address that it listens on: that of `HOST`, or loopback. */
  get hostname(): string {
    return this.#hostname;
  }

  get url(): string {
    return `http://${this.hostname}:${this.port}`;
  }

  /** The URL of its inspector, or undefined without one. */
  get inspectorUrl(): string | undefined {
    return /ws:\/\/\S+/.exec(this.#output)?.[0];
  }

  async notify(body: unknown): Promise<void> {
    const response = await fetch(`${this.url}/v1/notify`, { method: "POST", body: JSON.stringify(body) });
    assertEquals(response.status, 202, await response.text());
  }

  /** Reads its resident memory in bytes, which includes native buffers. Linux only. */
  async residentMemory(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.pid}/status`);
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** Limits the size of every file that it writes, like a full disk; null lifts the limit. Linux only. */
  async limitFileSize(bytes: number | null): Promise<void> {
    const args = ["--pid", `${this.pid}`, `--fsize=${bytes ?? "unlimited"}:`];
    const { success } = await new Deno.Command("prlimit", { args }).output();
    assert(success);
  }

  /** Lets it open this number of further files. A connection is a file. Linux only. */
  async limitOpenFiles(more: number): Promise<void> {
    const open = (await Array.fromAsync(Deno.readDir(`/proc/${this.pid}/fd`))).length;
    const args = ["--pid", `${this.pid}`, `--nofile=${open + more}:`];
    const { success } = await new Deno.Command("prlimit", { args }).output();
    assert(success);
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Resolves with its exit code when it has exited and all of its output is read. */
  async exited(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasExited) this.signal("SIGKILL");
    await this.exited();
  }

  /** Resolves when it has printed the text. Fails if it exits without. */
  async waitForOutput(text: string): Promise<void> {
    await this.#outputMatches(() => this.#output.includes(text));
  }

  async #outputMatches(isTrue: () => boolean): Promise<void> {
    await eventually(() => {
      if (isTrue()) return true;
      assert(!this.#hasExited, this.#output);
      return false;
    }, "the output of the service");
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}
