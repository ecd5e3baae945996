/** EventStream: what is written into the body, when it is open and gone, and that its timer ends with it. */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { createEventEncoder } from "../../src/connection/sse_encoding.ts";
import { SseTransport } from "../../src/connection/sse_transport.ts";
import type { TransportEvents } from "../../src/connection/transport.ts";

/** A stream that nobody reads yet, as a server would, and what it told. */
function bench(throwing?: keyof TransportEvents) {
  const events: string[] = [];
  function note(event: keyof TransportEvents): (detail?: unknown) => void {
    return (detail = "") => {
      events.push(`${event} ${detail}`.trim());
      if (event === throwing) throw new Error(`${event} is broken`);
    };
  }
  const delivered = Promise.withResolvers<void>();
  const stream = new SseTransport(delivered.promise, createEventEncoder()).tell({
    opened: note("opened"),
    received: note("received"),
    gone: note("gone"),
    failed: note("failed"),
  });
  return { stream, events, delivered };
}

/** An open stream, which is read as the server does: the next chunk when it is wanted. */
async function opened(throwing?: keyof TransportEvents) {
  const parts = bench(throwing);
  const chunks = parts.stream.body.getReader();
  const decoder = new TextDecoder();
  async function read(): Promise<string> {
    const { value } = await chunks.read();
    return value === undefined ? "the end" : decoder.decode(value);
  }
  return { ...parts, chunks, read, first: await read() };
}

Deno.test("EventStream is open when the server begins to read the body, not before", async () => {
  const { stream, events } = bench();
  stream.send("[0]");
  assertEquals([stream.open, stream.buffered, events], [false, 0, []]);
  const chunks = stream.body.getReader();
  await chunks.read();
  assertEquals([stream.open, events], [true, ["opened"]]);
  await chunks.cancel();
});

Deno.test("EventStream tells each browser first when to come back, and each another time", async () => {
  const told = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const { stream, first } = await opened();
    assertMatch(first, /^retry: 1\d{3}\n\n$/);
    told.add(first);
    stream.close(CLOSE.restart);
  }
  assertNotEquals(told.size, 1);
});

Deno.test("EventStream.send writes an event, with the position as its id if there is one", async () => {
  const { stream, read, chunks } = await opened();
  stream.send('[{"type":"notification"}]', "3ipslkxj-00000000001");
  stream.send('[{"type":"missed"}]');
  assertEquals(await read(), 'id: 3ipslkxj-00000000001\ndata: [{"type":"notification"}]\n\n');
  assertEquals(await read(), 'data: [{"type":"missed"}]\n\n');
  await chunks.cancel();
});

Deno.test("EventStream.buffered is what the server has not pulled, in bytes", async () => {
  const { stream, read, chunks } = await opened();
  assertEquals(stream.buffered, 0);
  for (const frame of ["[1]", '["é"]']) stream.send(frame);
  const sizes = ["data: [1]\n\n", 'data: ["é"]\n\n'].map((event) => new TextEncoder().encode(event).length);
  assertEquals(stream.buffered, (sizes[0] ?? 0) + (sizes[1] ?? 0));
  await read();
  assertEquals(stream.buffered, sizes[1]);
  await read();
  assertEquals(stream.buffered, 0);
  await chunks.cancel();
});

Deno.test("EventStream.close writes a last event with code and reason after what waits, and ends the body", async () => {
  const { stream, read, events } = await opened();
  stream.send("[1]");
  stream.close(CLOSE.stuck);
  assertEquals([stream.open, stream.buffered], [false, 0]);
  stream.send("[2]");
  stream.close(CLOSE.restart);
  assertEquals(await read(), "data: [1]\n\n");
  assertEquals(await read(), `event: close\ndata: {"code":4200,"reason":"${CLOSE.stuck.reason}"}\n\n`);
  assertEquals([await read(), events], ["the end", ["opened"]]);
});

Deno.test("EventStream is gone when the server is through with the body, not when it is closed", async () => {
  for (const settle of ["resolve", "reject"] as const) {
    const { stream, events, delivered, read } = await opened();
    stream.close(CLOSE.restart);
    await read();
    assertEquals([await read(), events], ["the end", ["opened"]]);
    if (settle === "resolve") delivered.resolve();
    else delivered.reject(new Error("the line was cut"));
    await delivered.promise.catch(() => {});
    assertEquals(events, ["opened", "gone"]);
  }
});

Deno.test("EventStream is gone at once, and once, when its body is cancelled", async () => {
  const { stream, events, delivered, chunks } = await opened();
  stream.send("[1]");
  await chunks.cancel();
  assertEquals([stream.open, stream.buffered, events], [false, 0, ["opened", "gone"]]);
  stream.send("[2]");
  stream.close(CLOSE.restart);
  delivered.resolve();
  await delivered.promise;
  assertEquals(events, ["opened", "gone"]);
});

Deno.test("EventStream is gone, and was never open, if the server is through before it reads", async () => {
  const { stream, events, delivered } = bench();
  delivered.resolve();
  await delivered.promise;
  assertEquals([events, stream.open], [["gone"], false]);
  await stream.body.cancel();
  assertEquals(events, ["gone"]);
});

for (const event of ["opened", "gone"] as const) {
  Deno.test(`EventStream hands what \`${event}\` throws to \`failed\``, async () => {
    const { events, chunks } = await opened(event);
    await chunks.cancel();
    assertEquals(events.filter((one) => !["opened", "gone"].includes(one)), [
      `failed Error: ${event} is broken`,
    ]);
  });
}

Deno.test("EventStream writes a comment every 15 seconds, unless something waits, until it ends", async () => {
  using time = new FakeTime();
  const { stream, read, chunks } = await opened();
  time.tick(14_999);
  assertEquals(stream.buffered, 0);
  time.tick(1);
  assertEquals(stream.buffered, 3);
  time.tick(60_000);
  assertEquals(stream.buffered, 3, "no more before that is gone");
  assertEquals(await read(), ":\n\n");
  stream.send("[1]");
  time.tick(15_000);
  assertEquals(await read(), "data: [1]\n\n");
  assertEquals(stream.buffered, 0);
  time.tick(15_000);
  assertEquals(await read(), ":\n\n");
  await chunks.cancel();
});

Deno.test("EventStream leaves no timer, however it ends: Deno would tell", async () => {
  (await opened()).stream.close(CLOSE.restart);
  await (await opened()).chunks.cancel();
  const { delivered } = await opened();
  delivered.resolve();
  bench().stream.close(CLOSE.restart);
});
