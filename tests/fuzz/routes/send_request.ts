/** Sends a request of the fuzzer over a connection of its own, and reads the answer. */

import { Answer } from "../../conformance/client/answer.ts";
import { ByteStream } from "../../conformance/client/byte_stream.ts";
import { parseHead, takeBody, takeChunk } from "../../conformance/client/raw_http.ts";
import type { Credentials } from "../service/secrets.ts";
import { fail } from "../violation.ts";
import { within } from "../within.ts";
import type { RouteRequest } from "./route_request.ts";

const encoder = new TextEncoder();
const DEADLINE_MS = 60_000; // only what is broken takes that long
const CHUNK_BYTES = 1_000;

export interface SendOptions {
  readonly port: number;
  readonly credentials: Credentials;
  /** Puts something in place of placeholders. */
  readonly fill: (text: string) => string;
}

/** Resolves with the answer; null if the server has closed the connection without one, or the request breaks off. */
export async function sendRequest(request: RouteRequest, options: SendOptions): Promise<Answer | null> {
  using stream = await ByteStream.connect(new URL(`http://127.0.0.1:${options.port}`));
  const late = () => fail(`there is no answer to ${request.method} ${request.path}`);
  return await within(DEADLINE_MS, { work: exchange(request, { ...options, stream }), late });
}

/** The body as it is sent. */
export function bodyBytes(
  { body, bytes }: RouteRequest,
  { fill }: Pick<SendOptions, "fill">,
): Uint8Array<ArrayBuffer> | null {
  if (body === null) return null;
  const text = encoder.encode(fill(body));
  if (bytes === null) return text;
  const at = bytes.at % (text.length + 1), inserted = Uint8Array.fromHex(bytes.hex);
  return new Uint8Array([...text.subarray(0, at), ...inserted, ...text.subarray(at)]);
}

async function exchange(
  request: RouteRequest,
  { stream, ...options }: SendOptions & { stream: ByteStream },
): Promise<Answer | null> {
  const { method, framing } = request, body = bodyBytes(request, options);
  const isCut = framing === "cut" && body !== null && body.length > 1;
  await stream.write(headOf(request, { ...options, length: body?.length ?? null }));
  if (isCut) await stream.write(body.subarray(0, body.length >> 1));
  else if (body !== null) await stream.write(framing === "chunked" ? chunksOf(body) : body);
  if (isCut) return null; // closing the connection is what breaks the request off
  for (;;) {
    const head = await stream.takeUntil("\r\n\r\n");
    if (head === null) return null;
    const { status, headers } = parseHead(head);
    if (status === 101) return new Answer(status, { headers, bytes: new Uint8Array() });
    if (status < 200) continue; // 100 Continue
    const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
    const isEndless = headers.get("content-type") === "text/event-stream";
    const bytes = !hasBody
      ? new Uint8Array()
      : await (isEndless ? takeChunk(stream) : takeBody(stream, headers));
    return new Answer(status, { headers, bytes });
  }
}

function headOf(
  { method, path, credential, credentialIn, headers, framing }: RouteRequest,
  { port, credentials, fill, length }: SendOptions & { readonly length: number | null },
): string {
  const secret = credentials[credential], token = secret === null ? "" : `access_token=${secret}`;
  const target = fill(path), separator = target.includes("?") ? "&" : "?";
  const all: [string, string][] = headers.map(([name, value]) => [name, fill(value)]);
  if (secret !== null && credentialIn === "header") all.push(["authorization", `Bearer ${secret}`]);
  if (secret !== null && credentialIn === "cookie") all.push(["cookie", `tidings_token=${secret}`]);
  if (length !== null) {
    all.push(framing === "chunked" ? ["transfer-encoding", "chunked"] : ["content-length", `${length}`]);
  }
  const url = credentialIn === "query" && token !== "" ? `${target}${separator}${token}` : target;
  const fields = all.map(([name, value]) => `${name}: ${oneLine(value)}\r\n`).join("");
  return `${method} ${url} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${fields}\r\n`;
}

/** Without control characters, which no request with a body could contain: what is no HTTP belongs to the sockets. */
function oneLine(value: string): string {
  return value.replaceAll(/\p{Cc}/gu, "");
}

function chunksOf(body: Uint8Array): Uint8Array {
  const parts: number[][] = [];
  for (let at = 0; at < body.length; at += CHUNK_BYTES) {
    const chunk = body.subarray(at, at + CHUNK_BYTES);
    parts.push([...encoder.encode(`${chunk.length.toString(16)}\r\n`), ...chunk, 13, 10]);
  }
  return new Uint8Array([...parts.flat(), ...encoder.encode("0\r\n\r\n")]);
}
