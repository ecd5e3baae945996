/** Reads the text of a request's body, and no more of it than is allowed. */

import { Buffer } from "node:buffer";
import { Problem } from "../problem.ts";

/** @throws {Problem} `too-large`, or `bad-request` if it is not UTF-8 */
export async function readBody(request: Request, mostBytes: number): Promise<string> {
  const bytes = request.headers.has("content-length")
    ? await readKnown(request, mostBytes)
    : await readUnknown(request, mostBytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Problem("bad-request", "the body is not UTF-8", { cause });
  }
}

/** The server holds a request to its Content-Length. Touching `request.body` would double the cost of the read. */
async function readKnown(request: Request, mostBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length")) > mostBytes) throw tooLarge(mostBytes);
  return await request.bytes();
}

async function readUnknown(request: Request, mostBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > mostBytes) throw tooLarge(mostBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(mostBytes: number): Problem {
  return new Problem("too-large", `a body may have ${mostBytes} bytes`);
}
