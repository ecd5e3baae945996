/** publisher: refusals, connections that break or say nothing, signals, and its end. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { nextTurn } from "../../../src/async/next_turn.ts";
import { publisher } from "../../../src/client/publisher/publisher.ts";
import { Problem } from "../../../src/wire/problem.ts";
import { eventually } from "../../eventually.ts";
import { FakePublishService } from "./fake_publish_service.ts";
import { errorFrom, to, withoutBackoff } from "./calls.ts";

for (const kind of ["not-authorized", "origin-not-allowed", "bad-request"] as const) {
  Deno.test(`publisher is closed for good when it is refused with ${kind}`, async () => {
    const problem = new Problem(kind, "no");
    const refusal = () => new Response(JSON.stringify(problem), { status: problem.status });
    await using service = new FakePublishService({ refusal });
    const tidings = publisher(service.url, { key: "wrong" });
    const error = await errorFrom(tidings.notify(to(1)));
    assertEquals([error.final, error.status, service.asked], [true, problem.status, ["Bearer wrong"]]);
    assertEquals(await errorFrom(tidings.notify(to(2))), error);
    await tidings.close();
  });
}

Deno.test("publisher is closed for good by a close code that says so", async () => {
  await using service = new FakePublishService({ onSent: (connection) => connection.close(4004) });
  const tidings = publisher(service.url);
  assertEquals((await errorFrom(tidings.notify(to(1)))).final, true);
  await tidings.close();
});

Deno.test("publisher waits for a server that is not there yet", async () => {
  using _ = withoutBackoff();
  let isThere = false;
  const reasons: string[] = [];
  await using service = new FakePublishService({
    refusal: () => isThere ? null : new Response("bad gateway", { status: 502 }),
    onSent: (connection) => connection.accept(1),
  });
  await using tidings = publisher(service.url, { retrying: (reason) => reasons.push(reason) });
  const call = tidings.notify(to(1));
  await eventually(() => reasons.length > 0);
  assertEquals(reasons[0], "502");
  isThere = true;
  await call;
});

Deno.test("publisher leaves a server whose first message is no welcome, and keeps its calls for the next connection", async () => {
  using _ = withoutBackoff();
  let isWelcome = false;
  const reasons: string[] = [];
  await using service = new FakePublishService({
    limits: { toJSON: () => isWelcome ? { notifications: 10, bytes: 1_000 } : undefined },
    onSent: (connection) => connection.accept(1),
  });
  await using tidings = publisher(service.url, { retrying: (reason) => reasons.push(reason) });
  const first = tidings.notify(to(1));
  await eventually(() => reasons.length > 0);
  const second = tidings.notify(to(2));
  isWelcome = true;
  assertEquals((await Promise.all([first, second])).length, 2);
});

Deno.test("publisher.close resolves when the connections that it has given up are closed too", async () => {
  const sockets: WebSocket[] = [];
  class RecordedWebSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  await using service = new FakePublishService({ onSent: (connection) => connection.accept(1) });
  const reasons: string[] = [];
  const retrying = (reason: string) => void reasons.push(reason);
  const tidings = publisher(service.url, { WebSocket: RecordedWebSocket, retrying });
  await tidings.notify(to(1));
  service.connection.answer("no answer");
  await eventually(() => reasons.length > 0);
  await tidings.close();
  assertEquals(sockets.map(({ readyState }) => readyState), sockets.map(() => WebSocket.CLOSED));
});

Deno.test("publisher.close answers everything first, also if it is called twice, and accepts nothing more", async () => {
  using _ = withoutBackoff();
  await using service = new FakePublishService();
  const tidings = publisher(service.url);
  const calls = [tidings.notify(to(1)), tidings.notify(to(2))];
  const closing = Promise.all([tidings.close(), tidings.close()]);
  assertEquals((await errorFrom(tidings.notify(to(3)))).final, true);
  await eventually(() => service.connections[0]?.sent.length === 2);
  service.connection.close(1012);
  await eventually(() => service.connections[1]?.sent.length === 2);
  service.connection.accept(2);
  assertEquals((await Promise.all(calls)).length, 2);
  await closing;
});

Deno.test("publisher.close resolves at once while it is connecting or waiting, and if it is called twice", async () => {
  const reasons: string[] = [];
  const refusal = () => new Response(null, { status: 502 });
  await using service = new FakePublishService({ refusal });
  const waiting = publisher(service.url, { retrying: (reason) => reasons.push(reason) });
  await eventually(() => reasons.length > 0);
  await Promise.all([waiting.close(), waiting.close()]);
  await publisher(service.url).close();
  {
    using _ = publisher(service.url);
    await using __ = publisher(service.url);
  }
});

Deno.test("publisher rejects what is not answered when its signal aborts", async () => {
  await using service = new FakePublishService();
  const abort = new AbortController();
  const tidings = publisher(service.url, { signal: abort.signal });
  const call = tidings.notify(to(1)), reason = new Error("enough");
  await eventually(() => service.connections[0]?.sent.length === 1);
  abort.abort(reason);
  assertEquals(await assertRejects(() => call), reason);
  assertEquals(await assertRejects(() => tidings.notify(to(2))), reason);
  await tidings.close();
  await publisher(service.url, { signal: AbortSignal.abort() }).close();
});

Deno.test("publisher rejects a call whose signal aborts, does not send it if it waits, and answers others", async () => {
  await using service = new FakePublishService({ limits: { notifications: 1, bytes: 1_000 } });
  await using tidings = publisher(service.url);
  const [sent, waiting] = [new AbortController(), new AbortController()];
  const calls = [sent, waiting].map(({ signal }, n) => tidings.notify(to(n), { signal }));
  const last = tidings.notify(to("last"));
  await eventually(() => service.connections[0]?.sent.length === 1);
  for (const abort of [sent, waiting]) abort.abort();
  for (const call of calls) await assertRejects(() => call, DOMException);
  await assertRejects(() => tidings.notify(to(1), { signal: AbortSignal.abort() }), DOMException);
  service.connection.accept(1);
  await eventually(() => service.connection.sent.length === 2);
  service.connection.accept(1);
  await last;
  assertEquals(service.connection.sent.map(({ data }) => data), [0, "last"]);
});

Deno.test("publisher throws if there is no WebSocket, and for an invalid URL", () => {
  const { WebSocket } = globalThis;
  Reflect.deleteProperty(globalThis, "WebSocket");
  try {
    assertThrows(() => publisher("http://127.0.0.1:1"), TypeError, "`ws`");
  } finally {
    Object.assign(globalThis, { WebSocket });
  }
  for (const url of ["nowhere", "localhost:8000", "ftp://127.0.0.1", "file:///tmp"]) {
    assertThrows(() => publisher(url), TypeError);
  }
});

/** Lets a request and a timer of 0 ms come to their end. */
async function pass(time: FakeTime): Promise<void> {
  await nextTurn();
  await time.tickAsync(1);
}

Deno.test("publisher gives up a connection without a welcome after 10 seconds, and one without an answer after 30", async () => {
  const frames: string[][] = [], limits = { notifications: 1, bytes: 1_000 };
  class SilentSocket extends EventTarget {
    onmessage: ((event: { data: string }) => void) | null = null;
    onclose: (() => void) | null = null;
    readonly #frames: string[] = [];
    constructor() {
      super();
      frames.push(this.#frames);
      if (frames.length > 1) queueMicrotask(() => this.onmessage?.({ data: JSON.stringify([{ limits }]) }));
    }
    send(frame: string) {
      this.#frames.push(frame);
    }
    close() {
      this.onclose?.();
    }
  }
  using time = new FakeTime();
  using _ = withoutBackoff();
  const reasons: string[] = [], abort = new AbortController();
  await using service = new FakePublishService(); // says that nothing but the upgrade is wrong
  const tidings = publisher(service.url, {
    WebSocket: SilentSocket,
    retrying: (reason) => reasons.push(reason),
    signal: abort.signal,
  });
  const call = tidings.notify(to(1));
  await time.tickAsync(9_999);
  assertEquals(frames, [[]]);
  await time.tickAsync(1);
  const secondSent = () => frames[1]?.length === 1, thirdSent = () => frames[2]?.length === 1;
  while (!secondSent()) await pass(time); // it asks why, and tries again
  await time.tickAsync(29_990);
  assertEquals([frames.length, frames[1]?.length], [2, 1]);
  await time.tickAsync(10);
  while (!thirdSent()) await pass(time);
  assertEquals([frames[1], reasons.at(-1)], [frames[2], "no answer"]);
  abort.abort();
  await assertRejects(() => call);
  await tidings.close();
});
