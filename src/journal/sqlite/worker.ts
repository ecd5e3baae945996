/** The worker of the SQLite journal: owns the file, and carries out requests from a port one after the other. */

import { messageOf } from "./error_message.ts";
import { type FileOptions, SqliteFile } from "./file.ts";
import type { RowChanges } from "../row_store.ts";
import type { FileWrite } from "./tables.ts";
import type { BesideName, WrittenRows } from "./tables_beside.ts";

/** A request to the worker. `open` comes first, and its result is an `OpenedFile`; nothing may follow `close`. */
export type WorkerRequest =
  | { readonly kind: "open"; readonly path: string; readonly options: FileOptions }
  | {
    readonly kind: "entriesAfter" | "sentIdsAfter";
    readonly sequence: number;
    readonly max: number;
  }
  | { readonly kind: "texts" | "scheduledContents"; readonly sequences: readonly number[] }
  | {
    readonly kind: "rowsAfter";
    readonly table: BesideName;
    readonly sequence: number;
    readonly max: number;
  }
  | {
    readonly kind: "writeRows";
    readonly table: BesideName;
    readonly changes: RowChanges<WrittenRows[BesideName]>;
  }
  | { readonly kind: "write" | "relieve"; readonly write: FileWrite }
  | { readonly kind: "check"; readonly mayReattach: boolean }
  | { readonly kind: "rebuild" | "rewrite" | "close" };

/** The reply to a request. Replies come in the order of the requests. */
export type WorkerReply = { readonly result: unknown } | { readonly error: string };

let file: SqliteFile | undefined;

function execute(request: WorkerRequest): unknown {
  if (request.kind === "open") return (file = new SqliteFile(request.path, request.options)).opened;
  if (file === undefined) throw new Error("the file is not open");
  switch (request.kind) {
    case "entriesAfter":
      return file.entriesAfter(request.sequence, request.max);
    case "sentIdsAfter":
      return file.sentIdsAfter(request.sequence, request.max);
    case "scheduledContents":
      return file.beside.scheduled.contents(request.sequences);
    case "rowsAfter":
      return file.beside.after(request.table, request);
    case "writeRows":
      return file.writeBeside((tables) => tables.apply(request.table, request.changes));
    case "texts":
      return file.texts(request.sequences);
    case "write":
      return file.write(request.write);
    case "relieve":
      return file.relieve(request.write);
    case "check":
      return file.check(request);
    case "rebuild":
      return file.rebuild();
    case "rewrite":
      return file.rewrite();
    case "close":
      return file.close();
  }
}

function replyTo(request: WorkerRequest): WorkerReply {
  try {
    return { result: execute(request) };
  } catch (error) {
    return { error: messageOf(error) }; // SQLite's errors cannot be cloned
  }
}

addEventListener("message", (event) => {
  if (!(event instanceof MessageEvent)) return;
  for (const port of event.ports) port.onmessage = ({ data }) => port.postMessage(replyTo(data));
}, { once: true });
