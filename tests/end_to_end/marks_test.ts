/** Tests of marks from browsers, over both transports: who receives them, and what answers them. */

import { assert, assertEquals } from "@std/assert";
import { MarkingTab, stateOf, TRANSPORTS } from "./marking_tab.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const ALEXANDER = { target: "alexander" };
const FOREIGN = "00000000-00000000009"; // a position of another journal

/** Posts notifications, and resolves with their positions. */
async function notify(service: TestService, count: number, target = "alexander"): Promise<string[]> {
  const body = Array.from({ length: count }, (_, data) => ({ target, data }));
  const { notifications } = await service.notify(body);
  assert(Array.isArray(notifications));
  return notifications.map(({ position }) => position);
}

async function inboxOf(service: TestService, target = "alexander") {
  const response = await fetch(`${service.url}/v1/inbox?target=${target}`);
  const inbox: { unread: number; position: string; through: string | null } = await response.json();
  assertEquals(response.status, 200);
  return inbox;
}

for (const transport of TRANSPORTS) {
  const other = TRANSPORTS.find((one) => one !== transport) ?? transport;

  Deno.test(`The service sends a mark over ${transport} to all tabs of the target, and answers only the sender`, async () => {
    await using service = await TestService.start();
    await using laptop = await MarkingTab.open(service, transport, ALEXANDER);
    await using tablet = await MarkingTab.open(service, other, ALEXANDER);
    await using burr = await MarkingTab.open(service, transport, { target: "burr" });
    const [p1 = "", p2 = "", p3 = ""] = await notify(service, 3);
    for (const tab of [laptop, tablet]) for (const _ of [p1, p2, p3]) await tab.nextOf("notification");
    await laptop.send({ type: "read", positions: [p2], ref: "first" });
    const { read, marked } = await laptop.nextOfEach("read", "marked");
    assertEquals([stateOf(read), marked?.ref], [{ through: null, read: [p2], unread: [] }, "first"]);
    assertEquals(await tablet.nextOf("read"), read);
    await laptop.send({ type: "read", through: p3 }, { type: "unread", positions: [p1] });
    for (const tab of [laptop, tablet]) {
      assertEquals(stateOf(await tab.nextOf("read")), { through: p3, read: [], unread: [] });
      assertEquals(stateOf(await tab.nextOf("read")), { through: p3, read: [], unread: [p1] });
    }
    assertEquals(await inboxOf(service), { ...await inboxOf(service), unread: 1, through: p3 });
    await service.notify({ everyone: true, data: "to all" });
    for (const tab of [laptop, tablet, burr]) assertEquals((await tab.nextOf("notification")).data, "to all");
  });

  Deno.test(`The service answers marks over ${transport} that change nothing, and makes no entry of them`, async () => {
    await using service = await TestService.start();
    await using tab = await MarkingTab.open(service, transport, ALEXANDER);
    const [burrs = ""] = await notify(service, 1, "burr");
    const [own = ""] = await notify(service, 1);
    await tab.nextOf("notification");
    const before = await inboxOf(service);
    const beyond = `${own.slice(0, 9)}zzzzzzzzzzz`;
    const marks = [
      ...[burrs, beyond, FOREIGN].map((position) => ({ type: "read", positions: [position] })),
      ...[beyond, FOREIGN].map((through) => ({ type: "read", through })),
      { type: "unread", positions: [own, burrs, beyond, FOREIGN] },
    ];
    await tab.send(...marks.map((mark, index) => ({ ...mark, ref: `${index}` })));
    for (const index of marks.keys()) assertEquals((await tab.nextOf("marked")).ref, `${index}`);
    assertEquals(await inboxOf(service), before);
    assertEquals((await inboxOf(service, "burr")).unread, 1);
  });

  Deno.test(`The service refuses a mark over ${transport} with too many exceptions by its ref, and changes nothing`, async () => {
    await using service = await TestService.start();
    const positions = await notify(service, 600);
    await using tab = await MarkingTab.open(service, transport, ALEXANDER);
    await tab.send({ type: "read", positions: positions.slice(1, 501), ref: "500" });
    await tab.nextOfEach("read", "marked");
    await tab.send({ type: "read", positions: positions.slice(501, 502), ref: "501" });
    const { ref, problem } = await tab.nextOf("error");
    assertEquals([ref, problem.type], ["501", "urn:tidings:problem:too-many-exceptions"]);
    assertEquals((await inboxOf(service)).unread, 100);
  });

  Deno.test(`The service refuses marks over ${transport} if it retains nothing`, async () => {
    await using service = await TestService.start({ TIDINGS_RETENTION_SECONDS: "0" });
    await using tab = await MarkingTab.open(service, transport, ALEXANDER);
    const [position = ""] = await notify(service, 1);
    await tab.nextOf("notification");
    await tab.send({ type: "read", positions: [position], ref: "r" }, { type: "read", through: position });
    const [first, second] = [await tab.nextOf("error"), await tab.nextOf("error")];
    for (const { problem } of [first, second]) assertEquals(problem.type, "urn:tidings:problem:not-here");
    assertEquals([first.ref, second.ref], ["r", undefined]);
    const { unread, through } = await inboxOf(service);
    assertEquals([unread, through], [0, null]);
  });

  Deno.test(`The service counts marks over ${transport} against the allowance of messages, and takes none of a frame above it`, async () => {
    await using service = await TestService.start();
    await using tab = await MarkingTab.open(service, transport, ALEXANDER);
    const mark = { type: "read", through: FOREIGN };
    assertEquals(await tab.send(...Array(250).fill(mark)), 204);
    const status = await tab.send(...Array(200).fill({ ...mark, ref: "late" }));
    if (transport === "an event stream") return assertEquals(status, 429);
    const { ref, problem } = await tab.nextOf("error");
    assertEquals([ref, problem.status], ["late", 429]);
  });

  Deno.test(`The service sends a resuming tab over ${transport} the mark only if it is later than its position`, async () => {
    await using service = await TestService.start();
    const [p1 = "", p2 = ""] = await notify(service, 2);
    await using sender = await MarkingTab.open(service, transport, ALEXANDER);
    await sender.send({ type: "read", positions: [p1] });
    await sender.send({ type: "read", positions: [p2] });
    await sender.nextOf("read");
    const mark = await sender.nextOf("read");
    const [p3 = ""] = await notify(service, 1);
    await using early = await MarkingTab.open(service, transport, { ...ALEXANDER, after: p1 });
    const received = [await early.next(), await early.next(), await early.next()];
    assertEquals(received.map(({ position }) => position), [p2, mark.position, p3]);
    assertEquals([early.welcome.recovered, received[1]], [true, mark]);
    await using late = await MarkingTab.open(service, transport, { ...ALEXANDER, after: mark.position });
    assertEquals([late.welcome.recovered, (await late.next()).position], [true, p3]);
  });

  Deno.test(`The service refuses what is no position over ${transport}, with all of the frame`, async () => {
    await using service = await TestService.start();
    const [position = ""] = await notify(service, 1);
    await using tab = await MarkingTab.open(service, transport, ALEXANDER);
    const bad = [
      { type: "read", positions: ["yesterday"] },
      { type: "read", positions: [position], through: position },
      { type: "read" },
      { type: "unread", through: position },
      { type: "read", positions: Array(1_001).fill(position) },
    ];
    for (const mark of bad) {
      const status = await tab.send({ type: "read", positions: [position], ref: "good" }, mark);
      if (transport === "an event stream") assertEquals(status, 422, JSON.stringify(mark));
      else assertEquals((await tab.nextOf("error")).problem.type, "urn:tidings:problem:does-not-fit");
    }
    assertEquals((await inboxOf(service)).unread, 1);
  });
}

Deno.test("The service takes no million positions: it closes the WebSocket, and refuses the request", async () => {
  await using service = await TestService.start();
  const million = { type: "read", positions: Array(1_000_000).fill(FOREIGN) };
  const { tab } = await Tab.open(service.port, ALEXANDER);
  tab.send(JSON.stringify(million));
  assertEquals((await tab.closed).code, 1009);
  await using stream = await MarkingTab.open(service, "an event stream", ALEXANDER);
  assertEquals(await stream.send(million), 413);
});

Deno.test("The service counts requests with marks as frames of the connection", async () => {
  await using service = await TestService.start();
  await using tab = await MarkingTab.open(service, "an event stream", ALEXANDER);
  const mark = { type: "read", through: FOREIGN };
  let status = 204, requests = 0;
  for (; status === 204; requests++) status = await tab.send(mark);
  assertEquals(status, 429);
  assert(requests > 50);
});
