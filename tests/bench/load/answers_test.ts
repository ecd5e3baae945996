import { assertEquals, assertRejects } from "@std/assert";
import { Answers } from "./answers.ts";

/** Gives a text in pieces of a size. */
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

function answer(status: string, body: string, name = "Content-Length"): string {
  return `HTTP/1.1 ${status}\r\nvary: X\r\n${name}: ${body.length}\r\ndate: now\r\n\r\n${body}`;
}

for (const size of [1, 5, 100, 100_000]) {
  Deno.test(`Answers reads an answer whole before the next, in pieces of ${size} bytes`, async () => {
    const expected = ["202 Accepted", "503 Service Unavailable", "202 Accepted", "404 Not Found"] as const;
    for (const [n, status] of expected.entries()) {
      const body = ["", "x".repeat(40_000), "\r\ncontent-length: 9\r\n\r\n", "no"][n] ?? "";
      const text = answer(status, body, n % 2 === 0 ? "content-length" : "Content-Length");
      assertEquals(await new Answers(inPieces(text, size)).next(), Number(status.slice(0, 3)));
    }
  });
}

Deno.test("Answers reads one answer after the other from a connection", async () => {
  const first = answer("202 Accepted", "one"), second = answer("422 Unprocessable", "two");
  let turn = 0;
  const sources = [inPieces(first, 30), inPieces(second, 30)];
  const answers = new Answers({
    async read(into) {
      const count = await sources[turn]?.read(into);
      return count ?? null;
    },
  });
  assertEquals(await answers.next(), 202);
  turn++;
  assertEquals(await answers.next(), 422);
});

Deno.test("Answers rejects an answer that does not say how long it is, and one that is cut off", async () => {
  await assertRejects(() => new Answers(inPieces("HTTP/1.1 200 OK\r\n\r\n", 99)).next(), Error, "how long");
  await assertRejects(
    () => new Answers(inPieces(answer("202 A", "cut").slice(0, -1), 99)).next(),
    Error,
    "ended",
  );
});
