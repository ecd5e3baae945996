/** ChangeLimit: how many changes run at a time, for all callers and for each. */

import { assertEquals, assertRejects } from "@std/assert";
import { ChangeLimit } from "../../src/http/change_limit.ts";
import { Problem } from "../../src/wire/problem.ts";

Deno.test("ChangeLimit refuses changes beyond a caller's share and beyond the capacity, without making them", async () => {
  const limit = new ChangeLimit({ capacity: 3, share: 2 }),
    { promise, resolve } = Promise.withResolvers<void>();
  let made = 0;
  const run = (caller: string) => limit.run(caller, () => (made++, promise));
  const running = [run("alexander"), run("alexander"), run("burr")];
  for (const caller of ["alexander", "burr", "eliza"]) {
    const { kind, headers } = await assertRejects(() => run(caller), Problem);
    assertEquals([kind, headers["retry-after"], made], ["too-many-requests", "1", 3]);
  }
  resolve();
  await Promise.all(running);
  await run("eliza");
  assertEquals(made, 4);
});

Deno.test("ChangeLimit gives back the room of a change that fails, and rejects with its error", async () => {
  const limit = new ChangeLimit({ capacity: 1, share: 1 }), error = new Error("not stored");
  for (const _ of [1, 2]) {
    const rejected = await assertRejects(() => limit.run("alexander", () => Promise.reject(error)), Error);
    assertEquals(rejected, error);
  }
  assertEquals(await limit.run("alexander", () => Promise.resolve("stored")), "stored");
});
