/** Tests of publishing over a WebSocket: what is answered and delivered, limits, peers that misbehave, and stops. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { eventually } from "../eventually.ts";
import { PublisherPeer } from "./publisher_peer.ts";
import { OPCODE, RawSocket } from "./raw_socket.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const KEY = "a-publisher-key";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };
const PATH = "/v1/publish";
const MIB = 1024 * 1024;

function notification(n: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { target: "alexander", data: n, ...more };
}

/** The value of a metric. */
async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${RegExp.escape(`tidings_${name}`)} (\\S+)$`, "m").exec(text)?.[1]);
}

const LARGE_FRAMES = 120;

/** Sends what 12 MB of answers would answer, and what may be unanswered. */
async function sendLarge(peer: RawSocket): Promise<void> {
  const targets = Array.from({ length: 1_000 }, (_, n) => `t${n}`);
  for (let n = 0; n < LARGE_FRAMES; n++) {
    await peer.send(OPCODE.text, JSON.stringify({ targets, data: 1, ttl: 0 }));
  }
}

Deno.test("The service answers the frames of a publisher's socket as it answers requests, and delivers them", async () => {
  await using service = await TestService.start();
  await using tab = (await Tab.open(service.port, { target: "alexander" })).tab;
  await using peer = await PublisherPeer.open(service.port);
  const frames = [
    notification(0, { id: "duel" }),
    notification(0, { id: "duel" }), // a repeat
    notification(1, { id: "duel" }), // other content
    [notification(1), notification(2)],
    { targets: ["alexander", "burr"], data: 3 },
    { everyone: true, data: 4, ttl: 60, topic: "t", urgency: "low" },
    notification(5, { at: "2000-01-01T00:00:00Z", id: "past" }),
    notification(6, { at: "yesterday" }),
    { target: "alexander", data: "x".repeat(65_537) },
    { target: "", data: 1 },
    { target: "alexander", data: 1, unknown: 1 },
    [notification(7), { target: "alexander" }],
    [],
    "no JSON",
    "",
  ];
  for (const frame of frames) peer.send(frame);
  const answers = await peer.take(frames.length);
  const expected = await Promise.all(frames.map(async (frame) => {
    const body = typeof frame === "string" ? frame : JSON.stringify(frame);
    const response = await fetch(`${service.url}/v1/notify`, { method: "POST", body });
    return { status: response.status, answer: await response.json() };
  }));
  const shapeOf = (answer: object) => Object.keys(answer).toSorted().join();
  assertEquals(answers.map(shapeOf), expected.map(({ answer }) => shapeOf(answer)));
  assertEquals(answers.map(({ status = 202 }) => status), expected.map(({ status }) => status));
  assertEquals([answers[0], answers[2]], [expected[0]?.answer, expected[2]?.answer]);
  assertEquals((await tab.data(5)).toSorted(), [0, 1, 2, 3, 4]);
});

Deno.test("The service delivers what a socket publishes in the order of the frames, and answers many in one frame", async () => {
  await using service = await TestService.start();
  await using tab = (await Tab.open(service.port, { target: "alexander" })).tab;
  await using peer = await PublisherPeer.open(service.port);
  for (let n = 0; n < 1_000; n++) peer.send(notification(n, { id: `${n}` }));
  const answers = await peer.take(1_000);
  assertEquals(answers.map(({ id }) => id), Array.from({ length: 1_000 }, (_, n) => `${n}`));
  const positions = answers.map(({ position }) => `${position}`);
  assertEquals(positions, positions.toSorted());
  assertEquals(await tab.data(1_000), Array.from({ length: 1_000 }, (_, n) => n));
  assertLess(peer.frames.length, 900, "many answers share a frame");
});

Deno.test("The service keeps the publisher's text of data from a socket", async () => {
  await using service = await TestService.start();
  await using peer = await PublisherPeer.open(service.port);
  using raw = await RawSocket.connect(service.port, "/v1/connect?target=alexander");
  await raw.messages();
  peer.send('{"target":"alexander","data":{"n":12345678901234567890,"x":1.0}}');
  let frame = await raw.receive();
  while (frame?.opcode !== OPCODE.text) frame = await raw.receive();
  const text = new TextDecoder().decode(frame.payload);
  assert(text.includes('{"n":12345678901234567890,"x":1.0}'), text);
});

Deno.test("The service takes the publisher key of a socket from a subprotocol, and refuses a wrong one", async () => {
  await using service = await TestService.start(SECRETS);
  const encoded = btoa(KEY).replaceAll("=", "");
  await using peer = await PublisherPeer.open(service.port, ["tidings.publish.v1", `tidings.key.${encoded}`]);
  peer.send(notification(1, { id: "one" }));
  assertEquals((await peer.next()).id, "one");
  for (const authorization of [null, "Bearer wrong"]) {
    const refused = await RawSocket.connect(service.port, PATH, { authorization }).catch(({ message }) =>
      message
    );
    assertEquals(`${refused}`, "HTTP/1.1 401 Unauthorized");
  }
  using raw = await RawSocket.connect(service.port, PATH, { authorization: `Bearer ${KEY}` });
  assertEquals((await raw.messages())?.length, 1);
});

for (
  const [name, origin, host] of [
    ["a foreign page", "https://evil.example", null],
    ["a page without an origin of its own", "null", null],
    ["a page whose host resolves to this machine", null, "evil.example"],
  ] as const
) {
  Deno.test(`The service in development mode refuses the socket of ${name}`, async () => {
    await using service = await TestService.start();
    const headers = { ...origin !== null && { origin }, ...host !== null && { host } };
    const refused = await RawSocket.connect(service.port, PATH, headers).catch(({ message }) => message);
    assertEquals(`${refused}`, "HTTP/1.1 403 Forbidden");
  });
}

for (
  const [name, frames, code] of [
    ["a binary frame", [new Uint8Array([1])], 4004],
    ["a frame of 1 MiB and a byte", ["x".repeat(MIB + 1)], 4102],
    ["a frame of 20 MiB", ["x".repeat(20 * MIB)], 4102],
    ["an array of 1,001 notifications", [Array.from({ length: 1_001 }, (_, n) => notification(n))], 4102],
    ["5,000 frames at once", Array.from({ length: 5_000 }, (_, n) => notification(n)), 4102],
  ] as const
) {
  Deno.test(`The service closes a publisher's socket with ${code} at ${name}, and serves others`, async () => {
    await using service = await TestService.start();
    const peer = await PublisherPeer.open(service.port);
    for (const frame of frames) peer.send(frame);
    assertEquals((await peer.closed).code, code);
    await using other = await PublisherPeer.open(service.port);
    other.send(notification(1, { id: "one" }));
    assertEquals((await other.next()).id, "one");
    await eventually(async () => await metric(service.url, "publisher_sockets") === 1, "the slot");
  });
}

Deno.test("The service takes the largest frames that fit, one after the other", async () => {
  await using service = await TestService.start();
  await using peer = await PublisherPeer.open(service.port);
  const many = Array.from({ length: 1_000 }, (_, n) => notification(n, { data: "x".repeat(900) }));
  const largest = JSON.stringify(many).padEnd(MIB);
  for (let round = 0; round < 3; round++) {
    peer.send(largest);
    assertEquals((await peer.next()).notifications?.length, 1_000);
  }
});

Deno.test("The service closes the socket of a publisher that reads no answers with 4200, and makes few of them", async () => {
  await using service = await TestService.start({}, { limits: { stalledAfterMs: 50 } });
  using stuck = await RawSocket.connect(service.port, PATH);
  await sendLarge(stuck);
  await eventually(
    async () => await metric(service.url, 'publisher_sockets_ended_total{code="4200"}') === 1,
    "the close",
  );
  assertLess(await metric(service.url, "notifications_total"), LARGE_FRAMES * 1_000);
  assertEquals(await stuck.closeCode(), 4200);
});

Deno.test("The service has room for 1,024 publishers' sockets, answers more with 503, and goes on", async () => {
  await using service = await TestService.start();
  const opened: RawSocket[] = [], refused: string[] = [];
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (let n = 0; n < 70; n++) {
      await RawSocket.connect(service.port, PATH).then(
        (socket) => opened.push(socket),
        ({ message }) => refused.push(message),
      );
    }
  }));
  assertEquals([opened.length, refused.length], [1_024, 96]);
  assertEquals(new Set(refused), new Set(["HTTP/1.1 503 Service Unavailable"]));
  await service.notify(notification(1));
  opened.pop()?.[Symbol.dispose]();
  await eventually(async () => await metric(service.url, "publisher_sockets") === 1_023, "the slot");
  await using peer = await PublisherPeer.open(service.port);
  peer.send(notification(2, { id: "two" }));
  assertEquals((await peer.next()).id, "two");
  for (const socket of opened) socket[Symbol.dispose]();
});

Deno.test("The service answers what a publisher's socket has sent before it stops, and closes with 1012", async () => {
  await using service = await TestService.start({ TIDINGS_DRAIN_SECONDS: "60" });
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const peers = await Promise.all(Array.from({ length: 10 }, () => PublisherPeer.open(service.port)));
  for (let n = 0; n < 50; n++) for (const peer of peers) peer.send(notification(n));
  await Promise.all(peers.map((peer) => peer.next())); // so that the others are on their way
  await service.stop();
  let accepted = 0;
  for (const peer of peers) {
    assertEquals((await peer.closed).code, 1012);
    const all: number[] = [202];
    for (;;) {
      const answer = await peer.next().catch(() => null);
      if (answer === null) break;
      all.push(answer.status ?? 202);
    }
    assertEquals(all.filter((status) => status !== 202 && status !== 503), []);
    accepted += all.filter((status) => status === 202).length;
  }
  assertEquals((await tab.data(accepted)).length, accepted);
  assertEquals(tab.pending, [], "nothing was accepted without an answer");
});

Deno.test("The service stops in time although a publisher does not read", async () => {
  await using service = await TestService.start({ TIDINGS_DRAIN_SECONDS: "60" });
  using stuck = await RawSocket.connect(service.port, PATH);
  await sendLarge(stuck);
  await service.stop();
});

Deno.test("The process closes publishers' sockets with 1012 on SIGTERM, and exits with 0", async () => {
  await using service = await ServiceProcess.start();
  const peer = await PublisherPeer.open(service.port);
  service.signal("SIGTERM");
  assertEquals((await peer.closed).code, 1012);
  assertEquals(await service.exited(), 0);
});
