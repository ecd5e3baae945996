/** Tests chunksOf and ChunkAssembler: messages are reassembled unchanged, and incomplete ones are dropped. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { ChunkAssembler, chunksOf } from "../../../src/cluster/nats/chunks.ts";

const MIB = 1024 * 1024;

Deno.test("ChunkAssembler reassembles what chunksOf has split, with the chunks of other messages in between", () => {
  const message = fc.uint8Array({ maxLength: 40 });
  fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), fc.nat(15), (messages, size) => {
    const assembler = new ChunkAssembler();
    const queues = messages.map((message) => chunksOf(message, size + 1));
    const whole = new Map<number, Uint8Array>();
    while (queues.some(({ length }) => length > 0)) {
      for (const [key, queue] of queues.entries()) {
        const chunk = queue.shift();
        if (chunk === undefined) continue;
        assert(chunk.data.length <= size + 1);
        const message = assembler.add(String(key), chunk);
        if (message !== undefined) whole.set(key, message);
      }
    }
    assertEquals(
      messages.map((_, key) => [...whole.get(key) ?? []]),
      messages.map((message) => [...message]),
    );
    assertEquals(assembler.bytes, 0);
  }));
});

Deno.test("ChunkAssembler refuses a chunk after a lost one, and drops the chunks before it", () => {
  const [first, , third] = chunksOf(new Uint8Array(30), 10);
  assert(first !== undefined && third !== undefined);
  const assembler = new ChunkAssembler();
  assembler.add("a", first);
  assertThrows(() => assembler.add("a", third), RangeError, "3/3");
  assertEquals(assembler.bytes, 0);
  assertThrows(() => assembler.add("a", third), RangeError);
});

Deno.test("ChunkAssembler refuses invalid labels", () => {
  const assembler = new ChunkAssembler();
  for (const label of ["", "1", "0/2", "3/2", "1/1000000", "a/b", "-1/2", "1/2/3", "1e1/20"]) {
    assertThrows(() => assembler.add("a", { data: new Uint8Array(1), label }), SyntaxError);
  }
  assembler.add("a", { data: new Uint8Array(1), label: "1/3" });
  assertThrows(() => assembler.add("a", { data: new Uint8Array(1), label: "2/2" }), RangeError);
  assertEquals(assembler.bytes, 0);
});

Deno.test("ChunkAssembler drops a message whose next chunk is missing for three heartbeats", () => {
  const chunks = chunksOf(new Uint8Array(40), 10);
  const assembler = new ChunkAssembler();
  for (const chunk of chunks.slice(0, 3)) {
    assembler.add("a", chunk);
    for (const _ of [1, 2]) assembler.beat();
  }
  assertEquals(assembler.bytes, 30);
  assembler.beat();
  assertEquals(assembler.bytes, 0);
});

Deno.test("ChunkAssembler keeps at most 32 MiB of one message, and 64 MiB of all messages", () => {
  const data = new Uint8Array(MIB);
  const assembler = new ChunkAssembler();
  function add(key: string, count: number): void {
    for (let index = 1; index <= count; index++) assembler.add(key, { data, label: `${index}/99` });
  }
  assertThrows(() => add("a", 33), RangeError, "33/99");
  add("b", 30), add("c", 30);
  assertThrows(() => add("d", 5), RangeError, "5/99");
  assertEquals(assembler.bytes, 60 * MIB);
  assertThrows(() => chunksOf(new Uint8Array(32 * MIB + 1), MIB), RangeError, "too many");
});

Deno.test("ChunkAssembler accepts a complete message at any time, and drops the chunks with the same key", () => {
  const assembler = new ChunkAssembler();
  const [whole] = chunksOf(new Uint8Array(10), 10), [first] = chunksOf(new Uint8Array(11), 10);
  assert(whole !== undefined && first !== undefined);
  assembler.add("a", first);
  assertEquals(assembler.add("a", whole), whole.data);
  assertEquals(assembler.bytes, 0);
});
