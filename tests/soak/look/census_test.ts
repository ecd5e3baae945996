/** Tests of what looks for leaks, on a program that has some. */

import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { eventually } from "../../eventually.ts";
import { censusOf, growth } from "./census.ts";
import { Inspector } from "./inspector.ts";
import { retainersOf } from "./retainers.ts";

const PROGRAM = new URL("leaking.ts", import.meta.url).pathname;

/** Runs the program, with its inspector. */
async function inspected(look: (inspector: Inspector) => Promise<void>): Promise<void> {
  const args = ["run", "--no-config", "--inspect=127.0.0.1:0", PROGRAM];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "piped" }).spawn();
  let output = "";
  const url = Promise.withResolvers<string>();
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      output += text;
      const found = /ws:\/\/\S+(?=\s)/.exec(output)?.[0];
      if (found !== undefined) url.resolve(found);
    }
    url.reject(new Error(output));
  })();
  try {
    await using inspector = await Inspector.connect(await url.promise);
    await eventually(
      () => inspector.evaluate<boolean>("typeof fill === 'function'"),
      "the start of the program",
    );
    await look(inspector);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await reading;
  }
}

Deno.test("censusOf counts objects by constructor, and what Maps and Sets hold by their owner", async () => {
  await inspected(async (inspector) => {
    const before = censusOf(await inspector.heapSnapshot());
    await inspector.evaluate("fill(1_000)");
    const after = censusOf(await inspector.heapSnapshot());
    const grown = growth(before.collections, after.collections);
    assertEquals(grown.map(({ name, start, end }) => [name, end - start]), [
      ["Shelf.#books", 2_000],
      ["Shelf.#readers", 1_000],
    ]);
    assertEquals(after.objects.get("Leaked"), 1_000);
    await inspector.evaluate("clear()");
    const cleared = censusOf(await inspector.heapSnapshot());
    assertEquals(growth(before.collections, cleared.collections), []);
    assertEquals(cleared.objects.get("Leaked") ?? 0, 0);
  });
});

Deno.test("censusOf counts timers", async () => {
  await inspected(async (inspector) => {
    const before = censusOf(await inspector.heapSnapshot()).objects.get("Timeout") ?? 0;
    await inspector.evaluate("startTimers(50)");
    assertEquals((censusOf(await inspector.heapSnapshot()).objects.get("Timeout") ?? 0) - before, 50);
  });
});

Deno.test("retainersOf says what keeps the objects of a class alive", async () => {
  await inspected(async (inspector) => {
    await inspector.evaluate("fill(20)");
    const retainers = retainersOf(await inspector.heapSnapshot(), "Leaked");
    assertEquals(retainers.reduce((sum, { count }) => sum + count, 0), 20);
    assertEquals(retainers.length, 1);
    assertMatch(retainers[0]?.path ?? "", /^\[\] of array, table of Map, #books of Shelf, shelf of /);
  });
});

Deno.test("Inspector counts the objects of a class that still exist", async () => {
  await inspected(async (inspector) => {
    await inspector.evaluate(
      "globalThis.signals = [new AbortController().signal, new AbortController().signal]",
    );
    const before = await inspector.countObjects("AbortSignal");
    await inspector.evaluate("globalThis.signals.pop()");
    assertEquals(before - await inspector.countObjects("AbortSignal"), 1);
  });
});

Deno.test("Inspector collects garbage, and reads the memory of the process", async () => {
  await inspected(async (inspector) => {
    const used = () => inspector.evaluate<number>("Deno.memoryUsage().heapUsed");
    await inspector.collectGarbage();
    const before = await used();
    await inspector.evaluate("fill(100_000)");
    assertGreater(await used() - before, 1_000_000);
    await inspector.evaluate("clear()");
    await inspector.collectGarbage();
    assert(await used() - before < 1_000_000);
  });
});
