/** Parts: messages are the same when they are put together again, and what is not complete is forgotten. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { ChunkAssembler, chunksOf } from "../../../src/cluster/nats/chunks.ts";

const PART = 1024 * 1024;

Deno.test("Assembly puts together what partsOf takes apart, whatever comes in between", () => {
  const message = fc.uint8Array({ maxLength: 40 });
  fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), fc.nat(15), (messages, size) => {
    const assembly = new ChunkAssembler();
    const queues = messages.map((message) => chunksOf(message, size + 1));
    const whole = new Map<number, Uint8Array>();
    while (queues.some(({ length }) => length > 0)) {
      for (const [key, queue] of queues.entries()) {
        const part = queue.shift();
        if (part === undefined) continue;
        assert(part.data.length <= size + 1);
        const message = assembly.add(String(key), part);
        if (message !== undefined) whole.set(key, message);
      }
    }
    assertEquals(
      messages.map((_, key) => [...whole.get(key) ?? []]),
      messages.map((message) => [...message]),
    );
    assertEquals(assembly.bytes, 0);
  }));
});

Deno.test("Assembly refuses a part after one that was lost, and forgets those before it", () => {
  const [first, , third] = chunksOf(new Uint8Array(30), 10);
  assert(first !== undefined && third !== undefined);
  const assembly = new ChunkAssembler();
  assembly.add("a", first);
  assertThrows(() => assembly.add("a", third), RangeError, "3/3");
  assertEquals(assembly.bytes, 0);
  assertThrows(() => assembly.add("a", third), RangeError);
});

Deno.test("Assembly refuses what is no part", () => {
  const assembly = new ChunkAssembler();
  for (const label of ["", "1", "0/2", "3/2", "1/1000000", "a/b", "-1/2", "1/2/3", "1e1/20"]) {
    assertThrows(() => assembly.add("a", { data: new Uint8Array(1), label }), SyntaxError);
  }
  assembly.add("a", { data: new Uint8Array(1), label: "1/3" });
  assertThrows(() => assembly.add("a", { data: new Uint8Array(1), label: "2/2" }), RangeError);
  assertEquals(assembly.bytes, 0);
});

Deno.test("Assembly forgets a message of which nothing has come for three beats", () => {
  const parts = chunksOf(new Uint8Array(40), 10);
  const assembly = new ChunkAssembler();
  for (const part of parts.slice(0, 3)) {
    assembly.add("a", part);
    for (const _ of [1, 2]) assembly.beat();
  }
  assertEquals(assembly.bytes, 30);
  assembly.beat();
  assertEquals(assembly.bytes, 0);
});

Deno.test("Assembly keeps no more than 32 MiB of a message, and 64 MiB of all", () => {
  const data = new Uint8Array(PART);
  const assembly = new ChunkAssembler();
  function add(key: string, count: number): void {
    for (let index = 1; index <= count; index++) assembly.add(key, { data, label: `${index}/99` });
  }
  assertThrows(() => add("a", 33), RangeError, "33/99");
  add("b", 30), add("c", 30);
  assertThrows(() => add("d", 5), RangeError, "5/99");
  assertEquals(assembly.bytes, 60 * PART);
  assertThrows(() => chunksOf(new Uint8Array(32 * PART + 1), PART), RangeError, "too many");
});

Deno.test("Assembly takes a message in one piece at any time, and forgets what had the same key", () => {
  const assembly = new ChunkAssembler();
  const [whole] = chunksOf(new Uint8Array(10), 10), [first] = chunksOf(new Uint8Array(11), 10);
  assert(whole !== undefined && first !== undefined);
  assembly.add("a", first);
  assertEquals(assembly.add("a", whole), whole.data);
  assertEquals(assembly.bytes, 0);
});
