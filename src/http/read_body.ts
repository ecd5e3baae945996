/** Reads the text of a request's body, and no more of it than is allowed. */

import { Buffer, isUtf8 } from "node:buffer";
import { Problem } from "../wire/problem.ts";

const decoder = new TextDecoder();

/** Rejects with a {@linkcode Problem}: `too-large`, or `bad-request` if it breaks off or is not UTF-8. */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  const length = request.headers.get("content-length");
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  const bytes = length === null
    ? await readChunks(request, maxBytes)
    : await request.bytes().catch(brokenOff);
  if (!isUtf8(bytes)) throw notUtf8(request);
  return decoder.decode(bytes); // the two take a fifth of the time of a fatal TextDecoder
}

/** A body that does not say its length. The server holds the others to theirs. */
async function readChunks(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof Problem ? cause : brokenOff(cause);
  }
  return Buffer.concat(chunks);
}

function brokenOff(cause: unknown): never {
  throw new Problem("bad-request", "the body breaks off", { cause });
}

/** A body that was packed on the way is told so: before that, it may well have been UTF-8. */
function notUtf8({ headers }: Request): Problem {
  const coding = headers.get("content-encoding");
  const why = coding === null ? "" : `: Content-Encoding: ${coding} is not understood, send it as it is`;
  return new Problem("bad-request", `the body is not UTF-8${why}`);
}

function tooLarge(maxBytes: number): Problem {
  return new Problem("too-large", `a body may have ${maxBytes} bytes`);
}
