/** BodyReader: the texts of bodies up to a size, within a time, and with a budget for all of them. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type BodyLimits, BodyReader } from "../../src/http/body_reader.ts";
import { Problem } from "../../src/wire/problem.ts";

const MAX = 16;
const LIMITS: BodyLimits = { maxBytes: MAX, caller: "publisher", owner: "Bearer key" };

function createReader({ isDraining = false } = {}): BodyReader {
  return new BodyReader({ isDraining: () => isDraining });
}

/** Reads with a reader of its own. */
async function readBody(request: Request, maxBytes: number): Promise<string> {
  return await createReader().read(request, { ...LIMITS, maxBytes });
}

interface Body {
  readonly stream: ReadableStream<Uint8Array>;
  /** The number of bytes that were read. */
  pulled: number;
  cancelled: boolean;
}

/** A body that arrives in chunks, and fails at the end if there is an `error`. */
function chunkedBody(chunks: Iterable<Uint8Array>, { error }: { error?: Error } = {}): Body {
  const rest = chunks[Symbol.iterator]();
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = rest.next();
      body.pulled += value?.length ?? 0;
      if (!done) controller.enqueue(value);
      else if (error === undefined) controller.close();
      else controller.error(error);
    },
    cancel: () => void (body.cancelled = true),
  }, { highWaterMark: 0 });
  const body: Body = { stream, pulled: 0, cancelled: false };
  return body;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function post(body: BodyInit | null, { length }: { length?: number } = {}): Request {
  const headers: HeadersInit = length === undefined ? {} : { "content-length": `${length}` };
  return new Request("http://tidings/", { method: "POST", body, headers });
}

/** The same body with and without a Content-Length. */
function bothWays(body: Uint8Array<ArrayBuffer>): Request[] {
  return [post(body, { length: body.length }), post(body)];
}

async function kindOf(request: Request): Promise<string> {
  return (await assertRejects(() => readBody(request, MAX), Problem)).kind;
}

for (
  const text of ["", "Hello", "ßß…🗽", "\ufffd", '{"a":"\ufffd"}', "x".repeat(MAX), "🗽".repeat(MAX / 4)]
) {
  Deno.test(`BodyReader.read reads "${text}"`, async () => {
    for (const request of bothWays(bytes(text))) assertEquals(await readBody(request, MAX), text);
  });
}

Deno.test("BodyReader.read reads a missing body as an empty text", async () => {
  assertEquals(await readBody(post(null), MAX), "");
});

Deno.test("BodyReader.read drops a byte order mark", async () => {
  for (const request of bothWays(bytes("\ufeffHello"))) assertEquals(await readBody(request, MAX), "Hello");
});

Deno.test("BodyReader.read drops a byte order mark before a literal replacement character", async () => {
  for (const request of bothWays(bytes("\ufeff\ufffd"))) {
    assertEquals(await readBody(request, MAX), "\ufffd");
  }
});

Deno.test("BodyReader.read joins characters that are split between chunks", async () => {
  const body = chunkedBody([...bytes("ß🗽")].map((byte) => Uint8Array.of(byte)));
  assertEquals(await readBody(post(body.stream), MAX), "ß🗽");
});

Deno.test("BodyReader.read refuses a body that is one byte over the limit", async () => {
  for (const text of ["x".repeat(MAX + 1), "🗽".repeat(MAX / 4) + "."]) {
    for (const request of bothWays(bytes(text))) assertEquals(await kindOf(request), "too-large");
  }
});

Deno.test("BodyReader.read does not read a body whose Content-Length is over the limit", async () => {
  const body = chunkedBody([bytes("x")]);
  assertEquals(await kindOf(post(body.stream, { length: MAX + 1 })), "too-large");
  assertEquals(body.pulled, 0);
});

Deno.test("BodyReader.read stops reading as soon as a body is over the limit", async () => {
  function* endless(): Generator<Uint8Array> {
    for (;;) yield bytes("12345678");
  }
  const body = chunkedBody(endless());
  assertEquals(await kindOf(post(body.stream)), "too-large");
  assertEquals([body.pulled, body.cancelled], [MAX + 8, true]);
});

const NOT_UTF_8: readonly [string, number[]][] = [
  ["a byte that never occurs", [0x22, 0xff, 0x22]],
  ["Latin-1", [0x22, 0xe4, 0x22]],
  ["a character of two bytes without its second", [0xc3]],
  ["a character of three bytes without its third", [0x22, 0xe2, 0x82, 0x22]],
  ["a surrogate", [0xed, 0xa0, 0x80]],
  ["an overlong slash", [0xc0, 0xaf]],
  ["UTF-16", [0x22, 0x00, 0xe4, 0x00, 0x22, 0x00]],
];

for (const [what, body] of NOT_UTF_8) {
  Deno.test(`BodyReader.read refuses ${what}, which is not UTF-8`, async () => {
    for (const request of bothWays(Uint8Array.from(body))) assertEquals(await kindOf(request), "bad-request");
  });
}

for (const coding of ["gzip", "GZIP", "br", "identity, gzip", "gzip,deflate", "utf-8"]) {
  Deno.test(`BodyReader.read refuses a body with the Content-Encoding ${coding}, whatever its bytes are`, async () => {
    for (const bytes of [Uint8Array.of(0x1f, 0x8b, 0x08), new TextEncoder().encode("{}")]) {
      for (const request of bothWays(bytes)) {
        request.headers.set("content-encoding", coding);
        const problem = await assertRejects(() => readBody(request, MAX), Problem);
        assertEquals([problem.status, problem.kind], [415, "unsupported-encoding"]);
        assertEquals(problem.headers, { "accept-encoding": "identity" });
        assertMatch(problem.message, new RegExp(coding.split(/\W+/).at(-1) ?? ""));
      }
    }
  });
}

for (const coding of ["", "identity", "Identity,, identity"]) {
  Deno.test(`BodyReader.read accepts a body with the Content-Encoding "${coding}"`, async () => {
    for (const request of bothWays(bytes("Hello"))) {
      request.headers.set("content-encoding", coding);
      assertEquals(await readBody(request, MAX), "Hello");
    }
  });
}

Deno.test("BodyReader.read blames the client for an incomplete body, unless the service is stopping", async () => {
  for (const [isDraining, kind] of [[false, "bad-request"], [true, "unavailable"]] as const) {
    for (const init of [{}, { length: 10 }, { length: 20_000 }]) {
      const { stream } = chunkedBody([bytes("12345")], { error: new Error("connection reset") });
      const reading = createReader({ isDraining }).read(post(stream, init), { ...LIMITS, maxBytes: 30_000 });
      assertEquals((await assertRejects(() => reading, Problem)).kind, kind);
    }
  }
});

Deno.test("BodyReader.read reads a body of many tiny chunks", async () => {
  const text = "🗽".repeat(9_000);
  const body = chunkedBody([...bytes(text)].map((byte) => Uint8Array.of(byte)));
  assertEquals(await readBody(post(body.stream), 100_000), text);
});

Deno.test("BodyReader.read reads and refuses bodies over a real socket", async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const length = request.headers.get("content-length");
    return new Response(await readBody(request, MAX).catch(({ kind }: Problem) => kind), {
      headers: length === null ? {} : { "x-length": length },
    });
  });
  async function ask(body: BodyInit): Promise<[string, string | null]> {
    const response = await fetch(`http://127.0.0.1:${server.addr.port}`, { method: "POST", body });
    return [await response.text(), response.headers.get("x-length")];
  }
  assertEquals(await ask("🗽"), ["🗽", "4"]);
  assertEquals(await ask(chunkedBody([bytes("🗽")]).stream), ["🗽", null]);
  assertEquals(await ask("x".repeat(MAX + 1)), ["too-large", "17"]);
  assertEquals(await ask(chunkedBody([bytes("x".repeat(MAX + 1))]).stream), ["too-large", null]);
});

Deno.test("BodyReader.read refuses a body whose sender disconnects", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    await readBody(request, MAX).catch(resolve);
    return new Response();
  });
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await connection.write(bytes("POST / HTTP/1.1\r\nHost: tidings\r\nContent-Length: 10\r\n\r\n12345"));
  await connection.closeWrite();
  const problem = await promise;
  assert(problem instanceof Problem);
  assertEquals(problem.kind, "bad-request");
});
