/** Reads the text of a request's body, and no more of it than is allowed. */

import { Buffer } from "node:buffer";
import { Problem } from "../problem.ts";

/** Rejects with a {@linkcode Problem}: `too-large`, or `bad-request` if it breaks off or is not UTF-8. */
export function readBody(request: Request, mostBytes: number): Promise<string> {
  const length = request.headers.get("content-length");
  if (length === null) return readChunks(request, mostBytes);
  if (Number(length) > mostBytes) return Promise.reject(tooLarge(mostBytes));
  return readWhole(request, Number(length));
}

/**
 * The server holds a request to its Content-Length. `text()` takes half the time of a TextDecoder, but puts U+FFFD
 * for what is not UTF-8: that shows in the length, unless three bytes of a character of four stand alone.
 */
async function readWhole(request: Request, length: number): Promise<string> {
  const text = await request.text().catch(brokenOff);
  if (!text.includes("\ufffd") || Buffer.byteLength(text) === length) return text;
  throw new Problem("bad-request", "the body is not UTF-8");
}

async function readChunks(request: Request, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size > mostBytes) throw tooLarge(mostBytes);
      chunks.push(chunk);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw cause instanceof Problem
      ? cause
      : new Problem("bad-request", "the body breaks off, or is not UTF-8", { cause });
  }
}

function brokenOff(cause: unknown): never {
  throw new Problem("bad-request", "the body breaks off", { cause });
}

function tooLarge(mostBytes: number): Problem {
  return new Problem("too-large", `a body may have ${mostBytes} bytes`);
}
