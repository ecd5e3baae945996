/** BodyStreams: what the streams of clients can hold, and what ends them. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { BodyStreams } from "../../src/http/body_streams.ts";
import { Problem } from "../../src/wire/problem.ts";

const LIMITS = { streams: 2, silentMs: 1_000, bytes: { capacity: 100, share: 60 } };

/** A request whose body the test writes, and whether it was cancelled. */
class Client {
  readonly request: Request;
  isCancelled = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor() {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => void (this.isCancelled = true),
    });
    this.request = new Request("http://localhost/", { method: "POST", body });
  }

  send(bytes: number): void {
    this.#controller?.enqueue(new Uint8Array(bytes));
  }

  end(): void {
    this.#controller?.close();
  }

  breakOff(): void {
    this.#controller?.error(new Error("reset"));
  }
}

function createStreams(): { streams: BodyStreams; stopping: AbortController } {
  const stopping = new AbortController();
  return { streams: new BodyStreams({ stopping: stopping.signal, limits: LIMITS }), stopping };
}

async function kindOf(reading: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => reading, Problem)).kind;
}

Deno.test("BodyStreams yields what arrives, to the end", async () => {
  const { streams } = createStreams(), client = new Client();
  using stream = streams.open(client.request, "alexander");
  client.send(1);
  client.send(2);
  client.end();
  assertEquals((await Array.fromAsync(stream.chunks())).map(({ length }) => length), [1, 2]);
});

Deno.test("BodyStreams yields nothing of a request without a body", async () => {
  using stream = createStreams().streams.open(new Request("http://localhost/"), "alexander");
  assertEquals(await Array.fromAsync(stream.chunks()), []);
});

Deno.test("BodyStreams has places for so many streams, and gives one back when a stream is closed", () => {
  const { streams } = createStreams();
  using _first = streams.open(new Client().request, "alexander");
  const second = streams.open(new Client().request, "alexander");
  assertEquals(assertThrows(() => streams.open(new Client().request, "burr"), Problem).kind, "unavailable");
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  assertEquals(streams.size, 1);
  streams.open(new Client().request, "burr")[Symbol.dispose]();
});

Deno.test("BodyStreams bounds the bytes that no message has used up, of each owner and of all", async () => {
  const { streams } = createStreams(), client = new Client();
  using stream = streams.open(client.request, "alexander");
  const chunks = stream.chunks();
  for (const _ of [1, 2]) {
    client.send(60);
    assertEquals((await chunks.next()).value?.length, 60);
    stream.progress();
  }
  client.send(60);
  await chunks.next();
  client.send(1);
  assertEquals(await kindOf(chunks.next()), "unavailable");
  const other = new Client();
  using second = streams.open(other.request, "burr");
  other.send(41);
  assertEquals(await kindOf(second.chunks().next()), "unavailable");
  stream[Symbol.dispose]();
  const third = new Client();
  using last = streams.open(third.request, "burr");
  third.send(60);
  assertEquals((await last.chunks().next()).value?.length, 60);
});

Deno.test("BodyStreams ends a stream that has no complete message for too long, whatever arrives", async () => {
  using time = new FakeTime();
  const { streams } = createStreams(), client = new Client();
  using stream = streams.open(client.request, "alexander");
  const reading = Array.fromAsync(stream.chunks());
  const refused = kindOf(reading);
  time.tick(900);
  stream.progress();
  client.send(1);
  time.tick(900);
  assertEquals(client.isCancelled, false);
  time.tick(600);
  assertEquals([await refused, client.isCancelled], ["timeout", true]);
});

Deno.test("BodyStreams ends all streams when the node stops, and those that come later too", async () => {
  const { streams, stopping } = createStreams(), client = new Client();
  using stream = streams.open(client.request, "alexander");
  const refused = kindOf(stream.chunks().next());
  stopping.abort();
  assertEquals([await refused, client.isCancelled], ["unavailable", true]);
  assertEquals(assertThrows(() => streams.open(new Client().request, "burr"), Problem).kind, "unavailable");
});

Deno.test("BodyStreams blames the client for a stream that breaks off", async () => {
  const { streams } = createStreams(), client = new Client();
  using stream = streams.open(client.request, "alexander");
  client.breakOff();
  assertEquals(await kindOf(stream.chunks().next()), "bad-request");
});
