/** The client of the worker that owns the SQLite file, so that no flush to the disk holds up the event loop. */

import { messageOf } from "./error_message.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { ReadEntry } from "../read.ts";
import type { FileOptions } from "./file.ts";
import type { FileCheck } from "./database.ts";
import type { OpenedFile, Relief } from "./file_report.ts";
import { isMalformedError } from "./rebuild.ts";
import { missingPermissions } from "./permissions.ts";
import { CannotOpenError } from "./schema.ts";
import type { RowChanges } from "../row_store.ts";
import type { RowPage } from "./rows.ts";
import type { FileWrite, SentId } from "./tables.ts";
import type { BesideName, LoadedRows, WrittenRows } from "./tables_beside.ts";
import { TextReader } from "./text_reader.ts";
import type { WorkerReply, WorkerRequest } from "./worker.ts";

const WORKER = new URL("./worker.ts", import.meta.url);

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** Calls are carried out in order. They reject with the errors of the file system and of SQLite. */
export class SqliteWorkerClient {
  readonly #worker = new Worker(WORKER, { type: "module" });
  readonly #port: MessagePort;
  readonly #pending: PendingCall[] = [];
  readonly #reader: TextReader;

  private constructor(path: string) {
    this.#reader = new TextReader(path);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
      const call = this.#pending.shift();
      if ("error" in data) call?.reject(new Error(data.error));
      else call?.resolve(data.result);
    };
    this.#worker.postMessage(null, [port2]);
  }

  /**
   * Opens the file, and creates it if it does not exist.
   *
   * @param onFailure called if the worker ends by itself, after which no call is answered any more
   * @throws {CannotOpenError}
   */
  static async open(
    path: string,
    { synchronous, freshEpoch, onFailure }: FileOptions & { onFailure: (error: Error) => void },
  ): Promise<{ file: SqliteWorkerClient; opened: OpenedFile }> {
    const missing = missingPermissions(path, WORKER);
    if (missing.length > 0) throw new CannotOpenError(`cannot open ${path} without ${missing.join(" ")}`);
    const file = new SqliteWorkerClient(path);
    const ended = Promise.withResolvers<never>();
    file.#worker.onerror = (event) => {
      event.preventDefault();
      ended.reject(new Error(event.message));
      onFailure(new Error(event.message));
    };
    try {
      const opened = await Promise.race([
        file.#call<OpenedFile>({ kind: "open", path, options: { synchronous, freshEpoch } }),
        ended.promise,
      ]);
      return { file, opened };
    } catch (error) {
      file.#end();
      throw new CannotOpenError(`cannot open ${path}: ${messageOf(error)}`);
    }
  }

  /** Resolves with up to `max` entries after a sequence number, without their texts. */
  entriesAfter(sequence: number, max: number): Promise<RowPage<EntryMeta>> {
    return this.#call({ kind: "entriesAfter", sequence, max });
  }

  /** Resolves with up to `max` sent ids whose drafts come after a sequence number. */
  sentIdsAfter(sequence: number, max: number): Promise<RowPage<SentId>> {
    return this.#call({ kind: "sentIdsAfter", sequence, max });
  }

  /**
   * Resolves with the texts of entries; null for an entry that is damaged or missing. Those of a small page are read
   * at once, as far as they are in memory.
   *
   * @param options.bytes the length of all texts
   */
  async texts(
    sequences: readonly number[],
    options: { readonly bytes: number },
  ): Promise<readonly (string | null)[]> {
    const texts = this.#reader.read(sequences, options);
    if (texts.length === sequences.length) return texts;
    const rest = sequences.slice(texts.length);
    return [...texts, ...await this.#call<(string | null)[]>({ kind: "texts", sequences: rest })];
  }

  /**
   * Resolves when everything is written, with the notifications that were newly read; null for one that is damaged or
   * missing. If it rejects, nothing is written, and nothing can be until `relieve` succeeds.
   */
  write(write: FileWrite): Promise<(ReadEntry | null)[]> {
    return this.#write({ kind: "write", write });
  }

  /** Writes evictions after a write has failed, and resolves with whether entries can be written again. */
  relieve(write: FileWrite): Promise<Relief> {
    return this.#reader.pauseFor(() => this.#call({ kind: "relieve", write }));
  }

  /** Resolves when the file is written anew, without anything that was deleted from it. */
  rewrite(): Promise<void> {
    return this.#reader.pauseFor(() => this.#call({ kind: "rewrite" }));
  }

  /** Resolves with up to `max` rows after a sequence number, of a table beside the journal's own. */
  rowsAfter<N extends BesideName>(
    table: N,
    page: { readonly sequence: number; readonly max: number },
  ): Promise<RowPage<LoadedRows[N]>> {
    return this.#call({ kind: "rowsAfter", table, ...page });
  }

  /** Resolves when all changes of such a table are written. If it rejects, none is, as with `write`. */
  writeRows<N extends BesideName>(table: N, changes: RowChanges<WrittenRows[N]>): Promise<void> {
    return this.#write({ kind: "writeRows", table, changes });
  }

  /** Resolves with the contents of records of the schedule; null for one that is damaged or missing. */
  scheduledContents(sequences: readonly number[]): Promise<(string | null)[]> {
    return this.#call({ kind: "scheduledContents", sequences });
  }

  /** Resolves with the reason why the file is not what it was; null: it is. */
  async check(): Promise<string | null> {
    const { lost, isDetached } = await this.#check({ mayReattach: false });
    if (!isDetached) return lost;
    return (await this.#reader.pauseFor(() => this.#check({ mayReattach: true }))).lost;
  }

  async close(): Promise<void> {
    await this.#reader.pauseFor(() => this.#call({ kind: "close" })); // the last one to close tidies up
    this.#end();
  }

  /** Writes, once more after the file is rebuilt if the first attempt finds its structure damaged. */
  async #write<Result>(request: WorkerRequest): Promise<Result> {
    try {
      return await this.#call(request);
    } catch (error) {
      if (!isMalformedError(error)) throw error;
      await this.#reader.pauseFor(() => this.#call({ kind: "rebuild" }));
      return await this.#call(request);
    }
  }

  #check(options: { readonly mayReattach: boolean }): Promise<FileCheck> {
    return this.#call({ kind: "check", ...options });
  }

  #call<Result>(request: WorkerRequest): Promise<Result> {
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
