/** The SQLite file as the journal has it: in a worker, so that no disk holds up the event loop. */

import type { EntryMeta } from "../index/target_log.ts";
import type { SentId, Synchronous, Write } from "./file.ts";
import type { OpenedFile } from "./startup.ts";
import { CannotOpenError } from "./schema.ts";
import type { Reply, Request } from "./worker.ts";

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** What is asked is done in the order of the calls, and rejects with what the file system or SQLite said. */
export class SqliteWorkerClient {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #port: MessagePort;
  readonly #pending: PendingCall[] = [];

  private constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<Reply>) => {
      const asked = this.#pending.shift();
      if ("error" in data) asked?.reject(new Error(data.error));
      else asked?.resolve(data.result);
    };
    this.#worker.postMessage(null, [port2]);
  }

  /**
   * Opens the file, or makes it.
   *
   * @param failed told if the worker ends by itself, which nothing survives
   */
  static async open(
    path: string,
    { synchronous, failed }: { synchronous: Synchronous; failed: (error: Error) => void },
  ): Promise<{ file: SqliteWorkerClient; run: OpenedFile }> {
    const file = new SqliteWorkerClient();
    const ended = Promise.withResolvers<never>();
    file.#worker.onerror = (event) => {
      event.preventDefault();
      ended.reject(new Error(event.message));
      failed(new Error(event.message));
    };
    try {
      const run = await Promise.race([
        file.#ask<OpenedFile>({ do: "open", path, synchronous }),
        ended.promise,
      ]);
      return { file, run };
    } catch (error) {
      file.#end();
      throw new CannotOpenError(`cannot open ${path}: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Entries without their texts, in order. */
  entriesAfter(sequence: number, max: number): Promise<EntryMeta[]> {
    return this.#ask({ do: "entriesAfter", sequence, max });
  }

  /** Sent ids, in the order of their drafts. */
  sentIdsAfter(sequence: number, max: number): Promise<SentId[]> {
    return this.#ask({ do: "sentIdsAfter", sequence, max });
  }

  texts(sequences: readonly number[]): Promise<string[]> {
    return this.#ask({ do: "texts", sequences });
  }

  /** Resolves when all of it is kept. If it rejects, nothing of it is. */
  write(write: Write): Promise<void> {
    return this.#ask({ do: "write", write });
  }

  async close(): Promise<void> {
    await this.#ask({ do: "close" });
    this.#end();
  }

  #ask<Result>(request: Request): Promise<Result> {
    return new Promise<unknown>((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#port.postMessage(request);
    }) as Promise<Result>;
  }

  #end(): void {
    this.#port.close();
    this.#worker.terminate();
  }
}
