/** Load: what is carried, and waiting until it is less. */

import { assertEquals } from "@std/assert";
import { Load } from "../../src/sources/queue_load.ts";

Deno.test("Load carries messages and their bytes until they are worked on", async () => {
  const load = new Load();
  const works = [1, 2].map(() => Promise.withResolvers<void>());
  for (const [index, { promise }] of works.entries()) load.carry(10 + index, promise);
  assertEquals([load.messages, load.bytes], [2, 21]);
  works[0]?.resolve();
  await load.atMost({ messages: 1, bytes: 100 });
  assertEquals([load.messages, load.bytes], [1, 11]);
  works[1]?.resolve();
  await load.atMost({ messages: 0, bytes: 0 });
  assertEquals([load.messages, load.bytes], [0, 0]);
});

Deno.test("Load is waited for until it is little enough in messages and in bytes", async () => {
  const load = new Load();
  const works = [50, 1, 1].map((bytes) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    load.carry(bytes, promise);
    return resolve;
  });
  let isLittle = false;
  const waiting = load.atMost({ messages: 2, bytes: 10 }).then(() => isLittle = true);
  works[1]?.();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(isLittle, false, "few enough, and too many bytes");
  works[0]?.();
  await waiting;
  assertEquals(load.bytes, 1);
});
