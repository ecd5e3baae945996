/** Tests of Server-Sent Events over real connections: the stream, resuming, and reconnecting. */

import { assert, assertEquals } from "@std/assert";
import { EventReader } from "./event_reader.ts";
import { upTo } from "./large_notifications.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const ALEXANDER = { target: "alexander" };

Deno.test("The service streams events with their position as the id, after a welcome, and none of other targets", async () => {
  await using service = await TestService.start();
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const retry = Number((await reader.event())?.retry);
  assert(retry >= 1_000 && retry < 2_000);
  const welcome = await reader.welcome();
  assertEquals([welcome.target, welcome.recovered, reader.lastId], ["alexander", null, welcome.position]);
  await service.notify({ target: "burr", data: "for Burr alone" });
  const { position } = await service.notify({ ...ALEXANDER, data: { title: "Hello, Alexander Hamilton!" } });
  assertEquals(await reader.data(1), [{ title: "Hello, Alexander Hamilton!" }]);
  assertEquals(reader.lastId, position);
});

Deno.test("The service sends the same notifications over WebSockets and event streams", async () => {
  await using service = await TestService.start();
  const { tab, welcome } = await Tab.open(service.port, ALEXANDER);
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const { connection } = await reader.welcome();
  assert(connection !== welcome.connection);
  await service.waitForConnections(2, "alexander");
  const { connections } = await (await fetch(`${service.url}/v1/targets/alexander`)).json();
  const transports = connections.map(({ transport }: { transport: string }) => transport);
  assertEquals(transports.toSorted(), ["sse", "websocket"]);
  await Promise.all(
    upTo(50).map((n) => service.notify([{ ...ALEXANDER, data: n }, { everyone: true, data: -n }])),
  );
  const data = await tab.data(100);
  assertEquals(await reader.data(100), data);
  assertEquals(new Set(data.map(String)).size, 99, "0 is there twice");
});

Deno.test("The service resumes after Last-Event-ID, which is newer than the `after` that the page began with", async () => {
  await using service = await TestService.start();
  const before = await EventReader.open(service.port, ALEXANDER);
  const { position: after } = await before.welcome();
  await service.notify({ ...ALEXANDER, data: 1 });
  assertEquals(await before.data(1), [1]);
  await before[Symbol.asyncDispose]();
  await service.notify([2, 3].map((data) => ({ ...ALEXANDER, data })));
  const headers = { "last-event-id": before.lastId ?? "" };
  await using again = await EventReader.open(service.port, { ...ALEXANDER, after }, headers);
  assertEquals((await again.welcome()).recovered, true);
  assertEquals(await again.data(2), [2, 3]);
  await using fromStart = await EventReader.open(service.port, { ...ALEXANDER, after });
  await fromStart.welcome();
  assertEquals(await fromStart.data(3), [1, 2, 3]);
});

Deno.test("The service resumes over either transport after a position that came over the other", async () => {
  await using service = await TestService.start();
  await service.notify([0, 1, 2].map((data) => ({ ...ALEXANDER, data })));
  const { tab: first } = await Tab.open(service.port, { ...ALEXANDER, after: "earliest" });
  const { data, position } = await first.next();
  await first.close();
  await using reader = await EventReader.open(service.port, { ...ALEXANDER, after: position });
  assertEquals([data, (await reader.welcome()).recovered], [0, true]);
  assertEquals(await reader.data(2), [1, 2]);
  await service.notify({ ...ALEXANDER, data: 3 });
  const { tab, welcome } = await Tab.open(service.port, { ...ALEXANDER, after: reader.lastId ?? "" });
  assertEquals(welcome.recovered, true);
  assertEquals(await tab.data(1), [3]);
});

Deno.test("The service delivers everything once and in order to a reader that reconnects repeatedly", async () => {
  await using service = await TestService.start({ TIDINGS_OUTBOX_BYTES: "2000" });
  let reader = await EventReader.open(service.port, ALEXANDER);
  await reader.welcome();
  const publishing = (async () => {
    for (let n = 0; n < 600; n += 3) {
      await service.notify([n, n + 1, n + 2].map((data) => ({ ...ALEXANDER, data })));
    }
  })();
  const received: unknown[] = [];
  for (let read = 1; received.length < 600; read++) {
    received.push(...await reader.data(Math.min(read % 7, 600 - received.length)));
    if (read % 7 !== 0) continue;
    const headers = { "last-event-id": reader.lastId ?? "" };
    await reader[Symbol.asyncDispose]();
    reader = await EventReader.open(service.port, ALEXANDER, headers);
    assertEquals((await reader.welcome()).recovered, true);
  }
  assertEquals(received, upTo(600));
  await publishing;
  await reader[Symbol.asyncDispose]();
});
