/** The worker of the SQLite journal: has the file, and does with it what comes over a port, one after the other. */

import { SqliteFile, type Synchronous, type Write } from "./file.ts";

/** What the worker is asked. The answer to the first, `open`, is the run; the file is gone after `close`. */
export type Request =
  | { readonly do: "open"; readonly path: string; readonly synchronous: Synchronous }
  | { readonly do: "entriesAfter" | "sentIdsAfter"; readonly sequence: number; readonly max: number }
  | { readonly do: "texts"; readonly sequences: readonly number[] }
  | { readonly do: "write"; readonly write: Write }
  | { readonly do: "close" };

/** An answer to each request, in order. */
export type Reply = { readonly result: unknown } | { readonly error: string };

let file: SqliteFile | undefined;

function answer(request: Request): unknown {
  if (request.do === "open") return (file = new SqliteFile(request.path, request.synchronous)).run;
  if (file === undefined) throw new Error("the file is not open");
  switch (request.do) {
    case "entriesAfter":
      return file.entriesAfter(request.sequence, request.max);
    case "sentIdsAfter":
      return file.sentIdsAfter(request.sequence, request.max);
    case "texts":
      return file.texts(request.sequences);
    case "write":
      return file.write(request.write);
    case "close":
      return file.close();
  }
}

function reply(request: Request): Reply {
  try {
    return { result: answer(request) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }; // errors of SQLite cannot be cloned
  }
}

addEventListener("message", (event) => {
  if (!(event instanceof MessageEvent)) return;
  for (const port of event.ports) port.onmessage = ({ data }) => port.postMessage(reply(data));
}, { once: true });
