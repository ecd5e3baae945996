/** Peers that break the rules, vanish or never close: they end, and nobody else notices. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { OPCODE, RawSocket } from "./raw_socket.ts";
import { Running } from "./running.ts";
import { Tab } from "./tab.ts";

const PATH = "/v1/connect?target=alexander";

/** A peer that does something bad beside a tab of the same target, which must go on as if nothing were. */
async function besideAnother(
  bad: (peer: RawSocket, service: Running) => Promise<void>,
  environment: Record<string, string> = {},
): Promise<void> {
  await using service = await Running.started(environment);
  const { tab: innocent } = await Tab.open(service.port, { target: "alexander" });
  using peer = await RawSocket.connect(service.port, PATH);
  assertEquals((await peer.messages())?.[0]?.type, "welcome");
  await bad(peer, service);
  await service.holds(1);
  await service.notify({ target: "alexander", data: "still here" });
  assertEquals(await innocent.data(1), ["still here"]);
}

Deno.test("The service closes with 4004 at a binary frame", async () => {
  await besideAnother(async (peer) => {
    await peer.send(OPCODE.binary, new Uint8Array([1, 2, 3]));
    assertEquals(await peer.closeCode(), 4004);
  });
});

Deno.test("The service closes with 1009 at a frame of more than 64 KiB", async () => {
  await besideAnother(async (peer) => {
    await peer.send(OPCODE.text, JSON.stringify({ type: "message", data: "x".repeat(70_000) }));
    assertEquals(await peer.closeCode(), 1009);
  });
});

Deno.test("The service closes with 1009 at a flood of fragments", async () => {
  await besideAnother(async (peer) => {
    await peer.send(OPCODE.text, "[", { fin: false });
    for (let n = 0; n < 200; n++) await peer.send(OPCODE.continuation, " ".repeat(16_384), { fin: false });
    await peer.send(OPCODE.continuation, "]");
    assertEquals(await peer.closeCode(), 1009);
  });
});

Deno.test("The service closes with 4101 at too many frames", async () => {
  await besideAnother(async (peer) => {
    for (let answered = 0;; answered++) {
      await peer.send(OPCODE.text, "no JSON"); // one after the answer to the other, for none may come after the end
      const frame = await peer.receive();
      if (frame?.opcode === OPCODE.text) continue;
      const [high = 0, low = 0] = frame?.payload ?? [];
      assertEquals([frame?.opcode, high * 256 + low], [OPCODE.close, 4101]);
      return assertLessOrEqual(50, answered, "so many are allowed at once");
    }
  });
});

Deno.test("The service ends a peer that does not stop sending", async () => {
  await besideAnother(async (peer) => {
    for (let n = 0; n < 1_000; n++) await peer.send(OPCODE.text, "no JSON").catch(() => {});
    await peer.closeCode(); // Deno cuts the line at what comes after the close frame, so the code may be lost
  });
});

Deno.test("The service ends a peer that violates the WebSocket protocol itself", async () => {
  await besideAnother(async (peer) => {
    await peer.send(3, "a reserved opcode");
    await peer.closeCode();
  });
});

for (
  const [what, frame, status] of [
    ["a frame that is not JSON", "no JSON", 400],
    ["an unknown type of message", '{"type":"shout"}', 422],
    ["an array with one bad message", '[{"type":"message","data":1},{}]', 422],
  ] as const
) {
  Deno.test(`The service answers ${what} with a problem, and keeps the connection`, async () => {
    await using service = await Running.started();
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    tab.send(frame);
    const { type, problem } = await tab.next();
    assertEquals([type, problem.status], ["error", status]);
    await service.notify({ target: "alexander", data: "still here" });
    assertEquals(await tab.data(1), ["still here"]);
  });
}

Deno.test("The service forgets a tab that vanishes without a close", async () => {
  await besideAnother(async (peer, service) => {
    await service.holds(2);
    peer[Symbol.dispose]();
  });
});

Deno.test("The service forgets many tabs that vanish while they are written to", async () => {
  await using service = await Running.started({ TIDINGS_MAX_CONNECTIONS: "100" });
  for (let round = 0; round < 3; round++) {
    const peers = await Promise.all(Array.from({ length: 100 }, () => RawSocket.connect(service.port, PATH)));
    const notifying = service.notify(
      Array.from({ length: 100 }, (_, data) => ({ target: "alexander", data })),
    );
    for (const peer of peers) peer[Symbol.dispose]();
    await notifying;
    await service.holds(0);
    await service.hasRoom();
  }
});

Deno.test("The service forgets a connection that it closes at once, and counts its socket while it is closing", async () => {
  await using service = await Running.started({ TIDINGS_MAX_CONNECTIONS: "1" });
  const stubborn = await RawSocket.connect(service.port, PATH);
  await stubborn.messages();
  await stubborn.send(OPCODE.binary, "not allowed");
  assertEquals(await stubborn.closeCode(), 4004);
  await service.holds(0);
  for (let n = 0; n < 10; n++) {
    const response = await fetch(`${service.url}${PATH}`);
    await response.body?.cancel();
    assertEquals(
      [response.status, response.headers.get("retry-after")],
      [503, "5"],
      "it ignores the close frame",
    );
  }
  stubborn[Symbol.dispose]();
  await service.hasRoom();
  await Tab.open(service.port, { target: "alexander" });
});

Deno.test("The service gives a target's place to the next tab as soon as it has closed one", async () => {
  await using service = await Running.started({ TIDINGS_MAX_CONNECTIONS_PER_TARGET: "1" });
  using stubborn = await RawSocket.connect(service.port, PATH);
  await stubborn.messages();
  const full = await fetch(`${service.url}${PATH}`);
  assertEquals(full.status, 429);
  await full.body?.cancel();
  await stubborn.send(OPCODE.binary, "not allowed");
  await service.holds(0);
  await Tab.open(service.port, { target: "alexander" });
});

Deno.test("The service refuses an upgrade without a key, and takes the next one", async () => {
  await using service = await Running.started({ TIDINGS_MAX_CONNECTIONS: "1" });
  const refused = await RawSocket.connect(service.port, PATH, { "sec-websocket-key": null }).catch(String);
  assert(String(refused).includes("400"), String(refused));
  await Tab.open(service.port, { target: "alexander" });
});

Deno.test("The service tells browsers that it cannot take more messages, and takes them when it can", async () => {
  await using service = await Running.started({}, { received: 1 });
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  tab.send('[{"type":"message","data":1},{"type":"message","data":2}]');
  assertEquals((await tab.next()).problem.status, 503);
  tab.send('{"type":"message","data":1}');
  await service.notify({ target: "alexander", data: "and no second error" });
  assertEquals(await tab.data(1), ["and no second error"]);
});
