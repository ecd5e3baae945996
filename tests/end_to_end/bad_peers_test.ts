/** Tests of peers that break the protocol, vanish or never close. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { OPCODE, RawSocket } from "./raw_socket.ts";
import { TestService } from "./test_service.ts";
import { Tab } from "./tab.ts";

const PATH = "/v1/connect?target=alexander";

/** Lets a peer misbehave beside a tab of the same target, which must not be affected. */
async function besideAnotherTab(
  misbehave: (peer: RawSocket, service: TestService) => Promise<void>,
  environment: Record<string, string> = {},
): Promise<void> {
  await using service = await TestService.start(environment);
  const { tab: innocent } = await Tab.open(service.port, { target: "alexander" });
  using peer = await RawSocket.connect(service.port, PATH);
  assertEquals((await peer.messages())?.[0]?.type, "welcome");
  await misbehave(peer, service);
  await service.waitForConnections(1);
  await service.notify({ target: "alexander", data: "still here" });
  assertEquals(await innocent.data(1), ["still here"]);
}

Deno.test("The service closes with 4004 on a binary frame", async () => {
  await besideAnotherTab(async (peer) => {
    await peer.send(OPCODE.binary, new Uint8Array([1, 2, 3]));
    assertEquals(await peer.closeCode(), 4004);
  });
});

Deno.test("The service closes with 1009 on a frame of more than 64 KiB", async () => {
  await besideAnotherTab(async (peer) => {
    await peer.send(OPCODE.text, JSON.stringify({ type: "message", data: "x".repeat(70_000) }));
    assertEquals(await peer.closeCode(), 1009);
  });
});

Deno.test("The service closes with 1009 on a flood of fragments", async () => {
  await besideAnotherTab(async (peer) => {
    await peer.send(OPCODE.text, "[", { fin: false });
    for (let n = 0; n < 200; n++) await peer.send(OPCODE.continuation, " ".repeat(16_384), { fin: false });
    await peer.send(OPCODE.continuation, "]");
    assertEquals(await peer.closeCode(), 1009);
  });
});

Deno.test("The service closes with 4101 on too many frames", async () => {
  await besideAnotherTab(async (peer) => {
    for (let answered = 0;; answered++) {
      // Each frame waits for the answer to the one before, because none may follow the close frame.
      await peer.send(OPCODE.text, "no JSON");
      const frame = await peer.receive();
      if (frame?.opcode === OPCODE.text) continue;
      const [high = 0, low = 0] = frame?.payload ?? [];
      assertEquals([frame?.opcode, high * 256 + low], [OPCODE.close, 4101]);
      return assertLessOrEqual(50, answered, "a burst of 50 is allowed");
    }
  });
});

Deno.test("The service ends the connection of a peer that does not stop sending", async () => {
  await besideAnotherTab(async (peer) => {
    for (let n = 0; n < 1_000; n++) await peer.send(OPCODE.text, "no JSON").catch(() => {});
    // Deno drops the connection on data after the close frame, so the code may be lost.
    await peer.closeCode();
  });
});

Deno.test("The service ends the connection of a peer that violates the WebSocket protocol", async () => {
  await besideAnotherTab(async (peer) => {
    await peer.send(3, "a reserved opcode");
    await peer.closeCode();
  });
});

for (
  const [kind, frame, status] of [
    ["a frame that is not JSON", "no JSON", 400],
    ["an unknown type of message", '{"type":"shout"}', 422],
    ["an array with one bad message", '[{"type":"message","data":1},{}]', 422],
  ] as const
) {
  Deno.test(`The service answers ${kind} with a problem, and keeps the connection`, async () => {
    await using service = await TestService.start();
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    tab.send(frame);
    const { type, problem } = await tab.next();
    assertEquals([type, problem.status], ["error", status]);
    await service.notify({ target: "alexander", data: "still here" });
    assertEquals(await tab.data(1), ["still here"]);
  });
}

Deno.test("The service deregisters a tab that vanishes without a close frame", async () => {
  await besideAnotherTab(async (peer, service) => {
    await service.waitForConnections(2);
    peer[Symbol.dispose]();
  });
});

Deno.test("The service deregisters many tabs that vanish while it writes to them", async () => {
  await using service = await TestService.start({ TIDINGS_MAX_CONNECTIONS: "100" });
  for (let round = 0; round < 3; round++) {
    const peers = await Promise.all(Array.from({ length: 100 }, () => RawSocket.connect(service.port, PATH)));
    const notifying = service.notify(
      Array.from({ length: 100 }, (_, data) => ({ target: "alexander", data })),
    );
    for (const peer of peers) peer[Symbol.dispose]();
    await notifying;
    await service.waitForConnections(0);
    await service.waitForCapacity();
  }
});

Deno.test("The service deregisters a connection as soon as it closes it, and counts its socket until that is closed", async () => {
  await using service = await TestService.start({ TIDINGS_MAX_CONNECTIONS: "1" });
  const stubborn = await RawSocket.connect(service.port, PATH);
  await stubborn.messages();
  await stubborn.send(OPCODE.binary, "not allowed");
  assertEquals(await stubborn.closeCode(), 4004);
  await service.waitForConnections(0);
  for (let n = 0; n < 10; n++) {
    const response = await fetch(`${service.url}${PATH}`);
    await response.body?.cancel();
    assertEquals(
      [response.status, response.headers.get("retry-after")],
      [503, "5"],
      "the peer ignores the close frame",
    );
  }
  stubborn[Symbol.dispose]();
  await service.waitForCapacity();
  await Tab.open(service.port, { target: "alexander" });
});

Deno.test("The service counts a socket for its target until it is gone, so that nobody has more than their share", async () => {
  await using service = await TestService.start({ TIDINGS_MAX_CONNECTIONS_PER_TARGET: "2" });
  const stubborn: RawSocket[] = [];
  for (let n = 0; n < 2; n++) {
    const socket = await RawSocket.connect(service.port, PATH);
    await socket.messages();
    await socket.send(OPCODE.binary, "not allowed");
    assertEquals(await socket.closeCode(), 4004);
    stubborn.push(socket);
  }
  await service.waitForConnections(0);
  const full = await fetch(`${service.url}${PATH}`);
  await full.body?.cancel();
  assertEquals(full.status, 429);
  await Tab.open(service.port, { target: "burr" });
  for (const socket of stubborn) socket[Symbol.dispose]();
  await service.waitForCapacity();
});

Deno.test("The service counts an event stream that it has ended for its target until its peer has read the end", async () => {
  await using service = await TestService.start({ TIDINGS_MAX_CONNECTIONS_PER_TARGET: "1" });
  using peer = await Deno.connect({ port: service.port });
  const head = "GET /v1/events?target=alexander HTTP/1.1\r\nHost: localhost\r\n\r\n";
  await peer.write(new TextEncoder().encode(head)); // and reads nothing
  await service.waitForConnections(1);
  const notification = { target: "alexander", data: "x".repeat(60_000) };
  for (let n = 0; n < 10; n++) await service.notify(Array.from({ length: 15 }, () => notification));
  const { closed } =
    await (await fetch(`${service.url}/v1/targets/alexander/connections`, { method: "DELETE" })).json();
  assertEquals(closed, 1);
  await service.waitForConnections(0);
  const full = await fetch(`${service.url}${PATH}`);
  await full.body?.cancel();
  assertEquals(full.status, 429);
  peer.close();
  await service.waitForCapacity();
});

Deno.test("The service refuses an upgrade without a key, and accepts the next one", async () => {
  await using service = await TestService.start({ TIDINGS_MAX_CONNECTIONS: "1" });
  const refused = await RawSocket.connect(service.port, PATH, { "sec-websocket-key": null }).catch(String);
  assert(String(refused).includes("400"), String(refused));
  await Tab.open(service.port, { target: "alexander" });
});

Deno.test("The service refuses an upgrade whose key is not 16 bytes, and accepts the next one", async () => {
  await using service = await TestService.start({ TIDINGS_MAX_CONNECTIONS: "1" });
  for (const key of ["", "short", "!".repeat(24), btoa("a key of 17 bytes"), btoa("of 15 bytes, no")]) {
    const refused = await RawSocket.connect(service.port, PATH, { "sec-websocket-key": key }).catch(String);
    assert(String(refused).includes("400"), `${key}: ${refused}`);
  }
  await Tab.open(service.port, { target: "alexander" });
});

Deno.test("The service answers messages with 503 while its channel is full, and accepts them afterwards", async () => {
  await using service = await TestService.start({}, { limits: { received: 1 } });
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  tab.send('[{"type":"message","data":1},{"type":"message","data":2}]');
  assertEquals((await tab.next()).problem.status, 503);
  tab.send('{"type":"message","data":1}');
  await service.notify({ target: "alexander", data: "and no second error" });
  assertEquals(await tab.data(1), ["and no second error"]);
});
