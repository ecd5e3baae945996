/** Tests of the reader of responses. */

import { assertEquals, assertRejects } from "@std/assert";
import { ResponseReader } from "./response_reader.ts";

/** Returns a connection that yields the text in pieces of this size. */
function inPieces(text: string, size: number): { read(into: Uint8Array): Promise<number | null> } {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return {
    read(into) {
      const piece = bytes.subarray(at, at + Math.min(size, into.length));
      into.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
  };
}

function response(status: string, body: string, name = "Content-Length"): string {
  return `HTTP/1.1 ${status}\r\nvary: X\r\n${name}: ${body.length}\r\ndate: now\r\n\r\n${body}`;
}

for (const size of [1, 5, 100, 100_000]) {
  Deno.test(`ResponseReader reads a response to its end, in pieces of ${size} bytes`, async () => {
    const expected = ["202 Accepted", "503 Service Unavailable", "202 Accepted", "404 Not Found"] as const;
    for (const [n, status] of expected.entries()) {
      const body = ["", "x".repeat(40_000), "\r\ncontent-length: 9\r\n\r\n", "no"][n] ?? "";
      const text = response(status, body, n % 2 === 0 ? "content-length" : "Content-Length");
      assertEquals(await new ResponseReader(inPieces(text, size)).next(), Number(status.slice(0, 3)));
    }
  });
}

Deno.test("ResponseReader reads one response after the other from a connection", async () => {
  const first = response("202 Accepted", "one"), second = response("422 Unprocessable", "two");
  let turn = 0;
  const sources = [inPieces(first, 30), inPieces(second, 30)];
  const responses = new ResponseReader({
    async read(into) {
      const count = await sources[turn]?.read(into);
      return count ?? null;
    },
  });
  assertEquals(await responses.next(), 202);
  turn++;
  assertEquals(await responses.next(), 422);
});

function chunkedResponse(...chunks: string[]): string {
  const body = [...chunks, ""].map((chunk) => `${chunk.length.toString(16).toUpperCase()}\r\n${chunk}\r\n`);
  return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: now\r\n\r\n${body.join("")}`;
}

for (const size of [1, 2, 5, 100, 100_000]) {
  Deno.test(`ResponseReader reads a body in chunks to its end, in pieces of ${size} bytes`, async () => {
    // One chunk looks like an end, and one is larger than the buffer.
    const chunks = ["one", "\r\n0\r\n\r\n", "x".repeat(40_000), "y".repeat(0xa5f)];
    for (const response of [chunkedResponse(...chunks), chunkedResponse()]) {
      const connection = inPieces(response, size);
      assertEquals(await new ResponseReader(connection).next(), 200);
      assertEquals(await connection.read(new Uint8Array(1)), null);
    }
  });
}

Deno.test("ResponseReader rejects chunks that are cut off, and a chunk without a size", async () => {
  await assertRejects(
    () => new ResponseReader(inPieces(chunkedResponse("cut").slice(0, -1), 99)).next(),
    Error,
    "closed",
  );
  await assertRejects(
    () => new ResponseReader(inPieces(chunkedResponse().replace("0\r", "~\r"), 99)).next(),
    Error,
    "no size",
  );
});

Deno.test("ResponseReader rejects a response of unknown length, and one that is cut off", async () => {
  await assertRejects(
    () => new ResponseReader(inPieces("HTTP/1.1 200 OK\r\n\r\n", 99)).next(),
    Error,
    "neither a content-length nor chunks",
  );
  await assertRejects(
    () => new ResponseReader(inPieces(response("202 A", "cut").slice(0, -1), 99)).next(),
    Error,
    "closed",
  );
});
