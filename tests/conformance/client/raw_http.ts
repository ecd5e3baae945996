/** HTTP/1.1 over a byte stream: what fetch does not let a case send or see. */

import { Answer } from "./answer.ts";
import type { ByteStream } from "./byte_stream.ts";
import { fail } from "./expect.ts";

/** The head of a request, with the headers that a case gives; null leaves one of the usual ones out. */
export function requestHead(
  { method = "GET", path, url, headers = {} }: {
    method?: string;
    path: string;
    url: URL;
    headers?: Readonly<Record<string, string | readonly string[] | null>>;
  },
): string {
  const all = Object.entries({ host: url.host, ...headers });
  const lines = all.flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}\r\n`));
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** Reads the head of an answer. Its body is still in the stream. */
export async function takeHead(stream: ByteStream): Promise<{ status: number; headers: Headers }> {
  const text = await stream.takeUntil("\r\n\r\n");
  return parseHead(text ?? fail("the server closed the connection without an answer"));
}

/** Parses the head of an answer, without the empty line at its end. */
export function parseHead(text: string): { status: number; headers: Headers } {
  const [line = "", ...fields] = text.split("\r\n");
  const status = Number(
    /^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? fail(`${line} is no status line of HTTP/1.1`),
  );
  const headers = new Headers();
  for (const field of fields) {
    const [, name = "", value = ""] = /^([^:]+):\s*(.*?)\s*$/.exec(field) ?? [];
    headers.append(name, value);
  }
  return { status, headers };
}

/** Reads an answer with its body. That of HEAD has none. */
export async function takeAnswer(stream: ByteStream, { method = "GET" } = {}): Promise<Answer> {
  const { status, headers } = await takeHead(stream);
  const hasBody = method !== "HEAD" && status !== 204 && status !== 304 && status >= 200;
  const bytes = hasBody ? await takeBody(stream, headers) : new Uint8Array();
  return new Answer(status, { headers, bytes });
}

/** Reads the body of an answer that has one. */
export async function takeBody(stream: ByteStream, headers: Headers): Promise<Uint8Array> {
  const length = headers.get("content-length");
  if (length !== null) {
    return await stream.take(Number(length)) ?? fail("the body is shorter than its Content-Length");
  }
  if (headers.get("transfer-encoding") !== "chunked") return await stream.takeRest();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const chunk = await takeChunk(stream);
    if (chunk.length === 0) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    chunks.push(chunk);
  }
}

/** Reads a chunk of a body; the last one is empty. */
export async function takeChunk(stream: ByteStream): Promise<Uint8Array<ArrayBuffer>> {
  const size = parseInt(await stream.takeUntil("\r\n") ?? "", 16);
  const chunk = await stream.take(size);
  await stream.take(2);
  return chunk ?? fail("the body ends in the middle of a chunk");
}
