/** BodyReader: the time for a body, and the budget for all bodies together. */

import { assertEquals, assertRejects } from "@std/assert";
import { type BodyLimits, BodyReader } from "../../src/http/body_reader.ts";
import { Problem } from "../../src/wire/problem.ts";

const LIMITS: BodyLimits = { maxBytes: 16, caller: "publisher", owner: "Bearer key" };
const encoder = new TextEncoder();

function post(body: BodyInit, { length }: { length?: number } = {}): Request {
  const headers: HeadersInit = length === undefined ? {} : { "content-length": `${length}` };
  return new Request("http://tidings/", { method: "POST", body, headers });
}

/** A body that never ends, with a promise that resolves when it is cancelled. */
function endlessBody(start = "{"): { stream: ReadableStream<Uint8Array>; cancelled: Promise<void> } {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(start)),
    cancel: () => resolve(),
  });
  return { stream, cancelled };
}

Deno.test("BodyReader.tick gives up a body after 30 ticks, and no other", async () => {
  for (const init of [{}, { length: 10 }, { length: 20_000 }]) {
    const reader = new BodyReader({ isDraining: () => false }), limits = { ...LIMITS, maxBytes: 30_000 };
    const slow = reader.read(post(endlessBody().stream, init), limits);
    reader.tick();
    const later = reader.read(post(endlessBody().stream, init), limits);
    later.catch(() => {});
    assertEquals(await reader.read(post("{}"), limits), "{}");
    for (let ticks = 1; ticks < 29; ticks++) reader.tick();
    assertEquals(await Promise.race([slow, Promise.resolve("still reading")]), "still reading");
    reader.tick();
    const problem = await assertRejects(() => slow, Problem);
    assertEquals([problem.status, problem.kind], [408, "timeout"]);
    assertEquals(await Promise.race([later, Promise.resolve("still reading")]), "still reading");
  }
});

Deno.test("BodyReader.tick stops reading the chunks of a body that it gives up", async () => {
  const reader = new BodyReader({ isDraining: () => false }), { stream, cancelled } = endlessBody();
  const reading = reader.read(post(stream), LIMITS);
  for (let ticks = 0; ticks < 30; ticks++) reader.tick();
  await assertRejects(() => reading, Problem);
  await cancelled;
});

const KIB = 1024;
const BUDGETS = {
  publisher: { capacity: 1_024 * KIB, share: 512 * KIB },
  subscriber: { capacity: 512 * KIB, share: 128 * KIB },
};

/** Begins to read bodies that never end, and returns how many of them the reader refuses. */
async function refusedOf(
  count: number,
  reader: BodyReader,
  { length, ...limits }: Omit<BodyLimits, "maxBytes"> & { length?: number },
): Promise<number> {
  let refused = 0;
  const start = "x".repeat(64 * KIB);
  for (let n = 0; n < count; n++) {
    const request = post(endlessBody(start).stream, length === undefined ? {} : { length });
    reader.read(request, { ...limits, maxBytes: 1_024 * KIB }).catch(({ kind }: Problem) => {
      if (kind === "unavailable") refused++;
    });
  }
  await turns();
  return refused;
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve));
}

/** A body of 10 KB that arrives at once. */
const complete = () => post("x".repeat(10_000), { length: 10_000 });

for (const length of [undefined, 64 * KIB, 100 * KIB]) {
  const size = length === undefined ? "no Content-Length" : `a Content-Length of ${length}`;

  Deno.test(`BodyReader.read bounds the bytes of all bodies with ${size}, and leaves each owner a share`, async () => {
    const reader = new BodyReader({ isDraining: () => false, budgets: BUDGETS });
    const options = { caller: "publisher", ...(length !== undefined && { length }) } as const;
    assertEquals(await refusedOf(10, reader, { ...options, owner: "Bearer a" }), 2);
    const b = { maxBytes: 10_000, caller: "publisher", owner: "Bearer b" } as const;
    assertEquals((await reader.read(complete(), b)).length, 10_000);
    assertEquals(await refusedOf(8, reader, { ...options, owner: "Bearer b" }), 0);
    const c = { ...b, owner: "Bearer c" };
    const problem = await assertRejects(() => reader.read(complete(), c), Problem);
    assertEquals([problem.status, problem.headers["retry-after"]], [503, "1"]);
    assertEquals(await reader.read(post("{}", { length: 2 }), c), "{}"); // costs less than its connection
    for (let ticks = 0; ticks < 30; ticks++) reader.tick();
    await turns();
    assertEquals((await reader.read(complete(), c)).length, 10_000);
  });
}

Deno.test("BodyReader.read reads what publishers send while subscribers have used up their budget", async () => {
  const reader = new BodyReader({ isDraining: () => false, budgets: BUDGETS });
  for (const target of ["alexander", "burr", "jefferson", "madison"]) {
    assertEquals(await refusedOf(3, reader, { caller: "subscriber", owner: target }), 1);
  }
  const limits = { maxBytes: 10_000, owner: "washington" };
  await assertRejects(() => reader.read(complete(), { ...limits, caller: "subscriber" }), Problem);
  assertEquals((await reader.read(complete(), { ...limits, caller: "publisher" })).length, 10_000);
});

Deno.test("BodyReader hands on large bodies by turns, so that an owner of many does not hold up another", async () => {
  const reader = new BodyReader({ isDraining: () => false }), order: string[] = [];
  const large = "x".repeat(65_537);
  await Promise.all(["a", "a", "a", "b"].map(async (owner) => {
    await reader.read(post(large), { ...LIMITS, maxBytes: 100_000, owner });
    order.push(owner);
  }));
  assertEquals(order, ["a", "a", "b", "a"]);
});
