/** Tests of delivery over real sockets: to which tabs, in which order, and what a returning tab receives. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { TestService } from "./test_service.ts";
import { Tab } from "./tab.ts";

const HELLO = { title: "Hello, Alexander Hamilton!" };

Deno.test("The service delivers a notification to each of Alexander's three tabs, and not to Burr's", async () => {
  await using service = await TestService.start();
  const alexanders = [];
  for (const _ of ["laptop", "tablet", "desktop"]) {
    alexanders.push((await Tab.open(service.port, { target: "alexander" })).tab);
  }
  const { tab: burr } = await Tab.open(service.port, { target: "burr" });
  const answer = await service.notify({ target: "alexander", data: HELLO });
  for (const tab of alexanders) {
    const { type, id, position, data } = await tab.next();
    assertEquals({ type, id, position, data }, {
      type: "notification",
      id: answer.id,
      position: answer.position,
      data: HELLO,
    });
  }
  await service.notify({ target: "burr", data: "the only one" });
  assertEquals(await burr.data(1), ["the only one"]);
  assertEquals([...alexanders, burr].map(({ pending }) => pending.length), [0, 0, 0, 0]);
});

Deno.test("The service welcomes each connection with an id of its own and the position where its stream starts", async () => {
  await using service = await TestService.start();
  const [one, other] = [
    await Tab.open(service.port, { target: "alexander" }),
    await Tab.open(service.port, { target: "alexander" }),
  ];
  assertNotEquals(one.welcome.connection, other.welcome.connection);
  assertEquals([one.welcome.target, one.welcome.recovered], ["alexander", null]);
  assertEquals(one.welcome.position, other.welcome.position);
});

Deno.test("The service accepts arrays, several targets and everyone", async () => {
  await using service = await TestService.start();
  const { tab: alexander } = await Tab.open(service.port, { target: "alexander" });
  const { tab: burr } = await Tab.open(service.port, { target: "burr" });
  await service.notify([{ targets: ["alexander", "burr"], data: 1 }, { everyone: true, data: 2 }, {
    target: "burr",
    data: 3,
  }]);
  assertEquals(await alexander.data(2), [1, 2]);
  assertEquals(await burr.data(3), [1, 2, 3]);
});

Deno.test("The service delivers the publisher's text of a number that JavaScript cannot represent", async () => {
  await using service = await TestService.start();
  const socket = new WebSocket(`ws://127.0.0.1:${service.port}/v1/connect?target=alexander`);
  const frames: string[] = [];
  const arrived = new Promise<void>((resolve) => {
    socket.onmessage = ({ data }) => frames.push(data) === 1 ? post() : resolve();
  });
  async function post(): Promise<void> {
    const body = '{"target":"alexander","data":{"n":12345678901234567890}}';
    await (await fetch(`${service.url}/v1/notify`, { method: "POST", body })).body?.cancel();
  }
  await arrived;
  assert(frames[1]?.includes('"data":{"n":12345678901234567890}'));
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});

Deno.test("The service delivers everything once and in order to all tabs, from many publishers at once", async () => {
  await using service = await TestService.start();
  const tabs = [];
  for (const target of ["alexander", "alexander", "burr"]) {
    tabs.push((await Tab.open(service.port, { target })).tab);
  }
  const publishers = Array.from({ length: 8 }, async (_, publisher) => {
    for (let n = 0; n < 50; n++) {
      await service.notify([{ target: "alexander", data: [publisher, n] }, {
        everyone: true,
        data: [publisher, n + 0.5],
      }]);
    }
  });
  await Promise.all(publishers);
  const [first, second] = [await tabs[0]?.data(800), await tabs[1]?.data(800)];
  assertEquals(first, second);
  assertEquals(new Set(first?.map(String)).size, 800);
  for (let publisher = 0; publisher < 8; publisher++) {
    const own = first?.filter((data) => Array.isArray(data) && data[0] === publisher).map((data) =>
      String(data)
    );
    assertEquals(own, Array.from({ length: 100 }, (_, n) => `${publisher},${n / 2}`));
  }
  assertEquals((await tabs[2]?.data(400))?.length, 400);
});

Deno.test("The service sends a returning tab what it missed, and then live notifications", async () => {
  await using service = await TestService.start();
  const { tab: before, welcome } = await Tab.open(service.port, { target: "alexander" });
  await service.notify({ target: "alexander", data: 1 });
  const { position } = await before.next();
  await before.close();
  await service.notify([2, 3].map((data) => ({ target: "alexander", data })));
  await service.notify({ target: "burr", data: "not his" });
  const { tab: after, welcome: again } = await Tab.open(service.port, {
    target: "alexander",
    after: position,
  });
  assertEquals([again.recovered, again.position], [true, position]);
  assertEquals(await after.data(2), [2, 3]);
  await service.notify({ target: "alexander", data: 4 });
  assertEquals(await after.data(1), [4]);
  const { tab: fromStart } = await Tab.open(service.port, { target: "alexander", after: welcome.position });
  assertEquals(await fromStart.data(4), [1, 2, 3, 4]);
});

Deno.test("The service replays thousands while more arrive, each once and in order", async () => {
  await using service = await TestService.start({ TIDINGS_RETENTION_PER_TARGET: "20000" });
  const { tab: first, welcome } = await Tab.open(service.port, { target: "alexander" });
  await first.close();
  const batch = (from: number) =>
    Array.from({ length: 500 }, (_, n) => ({ target: "alexander", data: from + n }));
  for (let from = 0; from < 5_000; from += 500) await service.notify(batch(from));
  const { tab, welcome: again } = await Tab.open(service.port, {
    target: "alexander",
    after: welcome.position,
  });
  for (let from = 5_000; from < 8_000; from += 500) await service.notify(batch(from));
  assertEquals(again.recovered, true);
  assertEquals(await tab.data(8_000), Array.from({ length: 8_000 }, (_, n) => n));
});

Deno.test("The service reports a gap when it no longer has everything after a position, and sends what it has", async () => {
  await using service = await TestService.start({ TIDINGS_RETENTION_PER_TARGET: "2" });
  const { tab: first, welcome } = await Tab.open(service.port, { target: "alexander" });
  await first.close();
  await service.notify([1, 2, 3, 4].map((data) => ({ target: "alexander", data })));
  const { tab, welcome: again } = await Tab.open(service.port, {
    target: "alexander",
    after: welcome.position,
  });
  assertEquals(again.recovered, false);
  assertNotEquals(again.position, welcome.position);
  assertEquals(await tab.data(2), [3, 4]);
  const { tab: other, welcome: third } = await Tab.open(service.port, {
    target: "alexander",
    after: again.position,
  });
  assertEquals(third.recovered, true);
  assertEquals(await other.data(2), [3, 4]);
});

Deno.test("The service cannot recover from a position of another journal", async () => {
  await using service = await TestService.start();
  await service.notify({ target: "alexander", data: 1 });
  const { tab, welcome } = await Tab.open(service.port, {
    target: "alexander",
    after: "zzzzzzzz-0000000000a",
  });
  assertEquals(welcome.recovered, false);
  assertEquals(await tab.data(1), [1]);
});

Deno.test("The service delivers a ttl of 0 only to tabs that are live, and a topic's latest to returning tabs", async () => {
  await using service = await TestService.start();
  const { tab: live, welcome } = await Tab.open(service.port, { target: "alexander" });
  const draft = (data: unknown, more = {}) => ({ target: "alexander", data, ...more });
  await service.notify([
    draft(1, { ttl: 0 }),
    draft(2, { topic: "duel" }),
    draft(3),
    draft(4, { topic: "duel" }),
  ]);
  assertEquals(await live.data(4), [1, 2, 3, 4]);
  const { tab: returned } = await Tab.open(service.port, { target: "alexander", after: welcome.position });
  assertEquals(await returned.data(2), [3, 4]);
});

Deno.test("The service delivers a repeated id once, and refuses it with other content", async () => {
  await using service = await TestService.start();
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const duel = { target: "alexander", id: "duel", data: 1 };
  assertEquals(await service.notify(duel), await service.notify(duel));
  const conflict = await fetch(`${service.url}/v1/notify`, {
    method: "POST",
    body: JSON.stringify({ ...duel, data: 2 }),
  });
  assertEquals([conflict.status, (await conflict.json()).type], [422, "urn:tidings:problem:id-conflict"]);
  await service.notify({ target: "alexander", data: "next" });
  assertEquals(await tab.data(2), [1, "next"]);
});

Deno.test("The service follows a target again when it reconnects after it was unfollowed", async () => {
  await using service = await TestService.start({}, { limits: { lingerMs: 0 } });
  const { tab: first } = await Tab.open(service.port, { target: "alexander" });
  await first.close();
  await service.waitForConnections(0);
  await new Promise((resolve) => setTimeout(resolve, 2)); // longer than the linger
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  await service.notify({ target: "alexander", data: 1 });
  assertEquals(await tab.data(1), [1]);
});
