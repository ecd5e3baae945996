/** A folder with a journal, a service that uses it, and commands that may use it too. */

import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { type CommandOptions, type Ended, tidings, tidingsBytes } from "./command.ts";

export class JournalFolder implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync();
  readonly journal = `${this.path}/journal.db`;

  get #environment(): Record<string, string> {
    return { TIDINGS_JOURNAL: `sqlite:${this.journal}`, TIDINGS_RETENTION_PER_TARGET: "1000000" };
  }

  start(): Promise<ServiceProcess> {
    return ServiceProcess.start(this.#environment, { folder: this.path });
  }

  /** Has a service accept notifications with the numbers from 0, and ends it as the signal does. */
  async fill(count: number, signal: Deno.Signal = "SIGTERM"): Promise<void> {
    await using service = await this.start();
    await publishNumbers(service, { from: 0, count });
    service.signal(signal);
    await service.exited();
  }

  run(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
    return tidings(args, { environment: this.#environment, folder: this.path, ...options });
  }

  runForBytes(args: readonly string[]): ReturnType<typeof tidingsBytes> {
    return tidingsBytes(args, { environment: this.#environment, folder: this.path });
  }

  /** The options of another way to run a command. */
  get options(): CommandOptions {
    return { environment: this.#environment, folder: this.path };
  }

  /** The names and the contents of all files. */
  async files(): Promise<Map<string, string>> {
    const names = (await Array.fromAsync(Deno.readDir(this.path))).map(({ name }) => name).toSorted();
    const read = async (name: string) => (await Deno.readFile(`${this.path}/${name}`)).toBase64();
    return new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Publishes notifications with these numbers, 50 a request. Every request must be accepted. */
export async function publishNumbers(
  service: ServiceProcess,
  { from, count, signal }: { from: number; count: number; signal?: AbortSignal },
): Promise<number> {
  const padding = "x".repeat(1_000);
  let next = from;
  while (next < from + count && !signal?.aborted) {
    const size = Math.min(50, from + count - next);
    const many = Array.from({ length: size }, (_, index) => ({
      target: "alexander",
      data: { number: next + index, padding },
    }));
    await service.notify(many);
    next += size;
  }
  return next;
}

/** The numbers in the order of the journal. */
export function numbersIn(path: string): number[] {
  using database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare("SELECT text FROM entries ORDER BY sequence").all();
  return rows.map(({ text }) => JSON.parse(String(text)).data.number);
}

/** Fails unless the file is one journal by itself that only its owner may read. */
export function assertPrivateFile(path: string): void {
  assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
}
