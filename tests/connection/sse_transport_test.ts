/** Tests what the transport writes into the body, when it is open and gone, and that its timer ends with it. */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { createEventEncoder } from "../../src/connection/sse_encoding.ts";
import { SseTransport } from "../../src/connection/sse_transport.ts";
import type { TransportListener } from "../../src/connection/transport.ts";

/** A transport whose body is not read yet, and the events that its listener received. */
function setUp(throwing?: keyof TransportListener) {
  const events: string[] = [];
  function record(event: keyof TransportListener): (detail?: unknown) => void {
    return (detail = "") => {
      events.push(`${event} ${detail}`.trim());
      if (event === throwing) throw new Error(`${event} is broken`);
    };
  }
  const delivered = Promise.withResolvers<void>();
  const transport = new SseTransport(delivered.promise, createEventEncoder()).listen({
    onOpen: record("onOpen"),
    onFrame: record("onFrame"),
    onClose: record("onClose"),
    onError: record("onError"),
  });
  return { transport, events, delivered };
}

/** An open transport, and a reader that pulls its body chunk by chunk, as the server does. */
async function setUpOpen(throwing?: keyof TransportListener) {
  const parts = setUp(throwing);
  const chunks = parts.transport.body.getReader();
  const decoder = new TextDecoder();
  async function read(): Promise<string> {
    const { value } = await chunks.read();
    return value === undefined ? "the end" : decoder.decode(value);
  }
  return { ...parts, chunks, read, first: await read() };
}

Deno.test("SseTransport opens when the server begins to read the body, and not before", async () => {
  const { transport, events } = setUp();
  transport.send("[0]");
  assertEquals([transport.open, transport.buffered, events], [false, 0, []]);
  const chunks = transport.body.getReader();
  await chunks.read();
  assertEquals([transport.open, events], [true, ["onOpen"]]);
  await chunks.cancel();
});

Deno.test("SseTransport first writes the retry delay, which differs between browsers", async () => {
  const delays = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const { transport, first } = await setUpOpen();
    assertMatch(first, /^retry: 1\d{3}\n\n$/);
    delays.add(first);
    transport.close(CLOSE.restart);
  }
  assertNotEquals(delays.size, 1);
});

Deno.test("SseTransport.send writes an event, with the position as its id if there is one", async () => {
  const { transport, read, chunks } = await setUpOpen();
  transport.send('[{"type":"notification"}]', "3ipslkxj-00000000001");
  transport.send('[{"type":"missed"}]');
  assertEquals(await read(), 'id: 3ipslkxj-00000000001\ndata: [{"type":"notification"}]\n\n');
  assertEquals(await read(), 'data: [{"type":"missed"}]\n\n');
  await chunks.cancel();
});

Deno.test("SseTransport.buffered is the number of bytes that the server has not pulled", async () => {
  const { transport, read, chunks } = await setUpOpen();
  assertEquals(transport.buffered, 0);
  for (const frame of ["[1]", '["é"]']) transport.send(frame);
  const sizes = ["data: [1]\n\n", 'data: ["é"]\n\n'].map((event) => new TextEncoder().encode(event).length);
  assertEquals(transport.buffered, (sizes[0] ?? 0) + (sizes[1] ?? 0));
  await read();
  assertEquals(transport.buffered, sizes[1]);
  await read();
  assertEquals(transport.buffered, 0);
  await chunks.cancel();
});

Deno.test("SseTransport.close writes a last event with code and reason after what waits, and ends the body", async () => {
  const { transport, read, events } = await setUpOpen();
  transport.send("[1]");
  transport.close(CLOSE.stuck);
  assertEquals([transport.open, transport.buffered], [false, 0]);
  transport.send("[2]");
  transport.close(CLOSE.restart);
  assertEquals(await read(), "data: [1]\n\n");
  assertEquals(await read(), `event: close\ndata: {"code":4200,"reason":"${CLOSE.stuck.reason}"}\n\n`);
  assertEquals([await read(), events], ["the end", ["onOpen"]]);
});

Deno.test("SseTransport is gone when the server is done with the body, not when it is closed", async () => {
  for (const settle of ["resolve", "reject"] as const) {
    const { transport, events, delivered, read } = await setUpOpen();
    transport.close(CLOSE.restart);
    await read();
    assertEquals([await read(), events], ["the end", ["onOpen"]]);
    if (settle === "resolve") delivered.resolve();
    else delivered.reject(new Error("connection reset"));
    await delivered.promise.catch(() => {});
    assertEquals(events, ["onOpen", "onClose"]);
  }
});

Deno.test("SseTransport is gone at once, and only once, when its body is cancelled", async () => {
  const { transport, events, delivered, chunks } = await setUpOpen();
  transport.send("[1]");
  await chunks.cancel();
  assertEquals([transport.open, transport.buffered, events], [false, 0, ["onOpen", "onClose"]]);
  transport.send("[2]");
  transport.close(CLOSE.restart);
  delivered.resolve();
  await delivered.promise;
  assertEquals(events, ["onOpen", "onClose"]);
});

Deno.test("SseTransport is gone without having opened if the server is done before it reads", async () => {
  const { transport, events, delivered } = setUp();
  delivered.resolve();
  await delivered.promise;
  assertEquals([events, transport.open], [["onClose"], false]);
  await transport.body.cancel();
  assertEquals(events, ["onClose"]);
});

for (const event of ["onOpen", "onClose"] as const) {
  Deno.test(`SseTransport passes to onError what ${event} throws`, async () => {
    const { events, chunks } = await setUpOpen(event);
    await chunks.cancel();
    assertEquals(events.filter((one) => !["onOpen", "onClose"].includes(one)), [
      `onError Error: ${event} is broken`,
    ]);
  });
}

Deno.test("SseTransport writes a comment every 15 seconds until it ends, unless something waits to be sent", async () => {
  using time = new FakeTime();
  const { transport, read, chunks } = await setUpOpen();
  time.tick(14_999);
  assertEquals(transport.buffered, 0);
  time.tick(1);
  assertEquals(transport.buffered, 3);
  time.tick(60_000);
  assertEquals(transport.buffered, 3, "no other comment before the first one is pulled");
  assertEquals(await read(), ":\n\n");
  transport.send("[1]");
  time.tick(15_000);
  assertEquals(await read(), "data: [1]\n\n");
  assertEquals(transport.buffered, 0);
  time.tick(15_000);
  assertEquals(await read(), ":\n\n");
  await chunks.cancel();
});

Deno.test("SseTransport leaves no timer, however it ends", async () => {
  (await setUpOpen()).transport.close(CLOSE.restart);
  await (await setUpOpen()).chunks.cancel();
  const { delivered } = await setUpOpen();
  delivered.resolve();
  setUp().transport.close(CLOSE.restart);
});
