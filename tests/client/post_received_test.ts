/** Posts beside a connection: the browser's budget for `keepalive`, and what becomes of refused messages. */

import { assertEquals, assertRejects } from "@std/assert";
import { parseAddress } from "../../src/client/address.ts";
import { postReceived } from "../../src/client/post_received.ts";
import { SseClientTransport } from "../../src/client/sse_transport.ts";
import { Problem, type ProblemKind, unavailable } from "../../src/wire/problem.ts";
import { refusal } from "./fake_answers.ts";

const DEPS = {
  address: parseAddress("http://127.0.0.1:9", undefined),
  token: undefined,
  after: null,
  connectionId: () => "c",
  onFrame() {},
  onLost() {},
};

/** Answers every fetch until it is disposed of. */
function fakeFetch(answer: (init: RequestInit) => Promise<Response>): Disposable {
  const { fetch } = globalThis;
  globalThis.fetch = (_, init = {}) => init.method === "POST" ? answer(init) : new Promise(() => {});
  return { [Symbol.dispose]: () => void (globalThis.fetch = fetch) };
}

Deno.test("postReceived keeps requests alive only while they come to less than the browser's 64 KiB", async () => {
  const answers: PromiseWithResolvers<Response>[] = [];
  const kept: unknown[] = [];
  using _ = fakeFetch(({ keepalive }) => {
    kept.push(keepalive);
    answers.push(Promise.withResolvers());
    return answers.at(-1)?.promise ?? Promise.reject();
  });
  const large = [JSON.stringify("x".repeat(40_000))];
  const posts = [postReceived(DEPS, large), postReceived(DEPS, large), postReceived(DEPS, ['"small"'])];
  for (const { resolve } of answers.splice(0)) resolve(new Response(null, { status: 204 }));
  assertEquals(await Promise.all(posts), [null, null, null]);
  const last = postReceived(DEPS, large);
  answers[0]?.reject(new TypeError("Failed to fetch"));
  assertEquals((await last)?.reason, "Failed to fetch");
  assertEquals(kept, [true, false, false, true]);
});

async function receiptFor(answer: Response | Error): Promise<unknown> {
  using _ = fakeFetch(() => answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer));
  const transport = new SseClientTransport(DEPS);
  try {
    return await transport.send(['"hello"']);
  } finally {
    transport.close();
  }
}

Deno.test("SseClientTransport gives no receipt for what a network or a gateway has refused: it is sent again", async () => {
  assertEquals(await receiptFor(new Response(null, { status: 204 })), 0);
  assertEquals(await receiptFor(new TypeError("Failed to fetch")), undefined);
  for (const status of [400, 401, 403, 404, 413, 500, 502]) {
    assertEquals(await receiptFor(new Response("<h1>Blocked</h1>", { status })), undefined, `${status}`);
  }
  for (const kind of ["not-authorized", "not-found", "broken"] as const) {
    assertEquals(await receiptFor(refusal(new Problem(kind, ""))), undefined, kind);
  }
  assertEquals(await receiptFor(refusal(unavailable("full", { seconds: 3 }))), 3_000);
});

Deno.test("SseClientTransport rejects what the service will never take", async () => {
  for (
    const kind of ["bad-request", "origin-not-allowed", "too-large", "does-not-fit"] satisfies ProblemKind[]
  ) {
    await assertRejects(() => receiptFor(refusal(new Problem(kind, "no"))), Error, "no");
  }
});
