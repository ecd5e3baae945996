/** Tests of the file of results. */

import { assertEquals } from "@std/assert";
import { keepResult, readResults } from "./results.ts";
import { resultOf } from "./sample.ts";

Deno.test("readResults returns what keepResult has kept, and nothing of a file that is missing", async () => {
  const folder = await Deno.makeTempDir(), path = `${folder}/results`;
  try {
    assertEquals(await readResults(path), []);
    const results = [resultOf("tidings", 1), resultOf("ws", 1)];
    for (const result of results) await keepResult(path, result);
    assertEquals(await readResults(path), results);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("keepResult and readResults do nothing without a path", async () => {
  await keepResult(null, resultOf("ws", 1));
  assertEquals(await readResults(null), []);
});
