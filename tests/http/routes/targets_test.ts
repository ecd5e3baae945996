/** The routes of a target: its connections, how to close them, and its notifications in the journal. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type Journal, UnavailableError } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import { assertProblem } from "../assert_problem.ts";
import { testIntakes } from "../../sources/test_intake.ts";
import { createTestApp, PUBLISHER_KEY, type TestAppOptions } from "../test_app.ts";
import { TestNodes } from "../test_nodes.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };
const DELETE = { method: "DELETE", ...PUBLISHER };
const AT = Date.UTC(1804, 6, 11, 7);

Deno.test("listConnections lists the connections of the target on all nodes, the oldest first, each with its node", async () => {
  const nodes = new TestNodes({
    connections: () => [
      { node: "n1", value: [{ id: "c1", transport: "websocket", connectedAt: AT + 1, behind: false }] },
      { node: "n2", value: [] },
      { node: "n3", value: [{ id: "c2", transport: "sse", connectedAt: AT, behind: true }] },
    ],
  });
  using _ = new FakeTime(AT + 5);
  const response = await createTestApp({ nodes }).app.request(
    "/v1/targets/a%2Fb%20%F0%9F%97%BD%2541",
    PUBLISHER,
  );
  assertEquals([response.status, response.headers.get("content-type")], [200, "application/json"]);
  assertEquals(await response.json(), {
    target: "a/b 🗽%41",
    connections: [
      { id: "c2", transport: "sse", connected_at: "1804-07-11T07:00:00.000Z", node: "n3", behind: true },
      {
        id: "c1",
        transport: "websocket",
        connected_at: "1804-07-11T07:00:00.001Z",
        node: "n1",
        behind: false,
      },
    ],
    last_seen: "1804-07-11T07:00:00.005Z",
  });
  assertEquals(nodes.asked, [{ kind: "connections", target: "a/b 🗽%41" }]);
});

Deno.test("listConnections returns an empty list for a target without connections", async () => {
  const nodes = new TestNodes({ connections: () => [{ node: "n1", value: [] }] });
  const response = await createTestApp({ nodes }).app.request("/v1/targets/nobody", PUBLISHER);
  assertEquals(await response.json(), { target: "nobody", connections: [], last_seen: null });
});

Deno.test("listConnections says when a target was last seen, as it is stored or as nodes have just seen it", async () => {
  const lastSeen = { of: () => Promise.resolve(AT) };
  const connections = () => [{ node: "n1", value: [] }];
  for (
    const [answers, expected] of [
      [[{ node: "n1", value: null }, { node: "n2", error: "does not understand the question" }], AT],
      [[{ node: "n1", value: AT + 2 }, { node: "n2", value: AT + 1 }], AT + 2],
    ] as const
  ) {
    const nodes = new TestNodes({ connections, seen: () => answers });
    const response = await createTestApp({ nodes, lastSeen }).app.request("/v1/targets/alexander", PUBLISHER);
    assertEquals((await response.json()).last_seen, new Date(expected).toISOString());
  }
});

Deno.test("listConnections answers 503 if it cannot be read when the target was last seen", async () => {
  const nodes = new TestNodes({ connections: () => [{ node: "n1", value: [] }] });
  const lastSeen = { of: () => Promise.reject(new UnavailableError("password=hunter2")) };
  const { app } = createTestApp({ nodes, lastSeen });
  await assertProblem(await app.request("/v1/targets/alexander", PUBLISHER), "503 unavailable");
});

for (
  const [path, problem] of [
    ["/v1/targets/%00", "400 bad-request"],
    ["/v1/targets/%ff", "400 bad-request"],
    [`/v1/targets/${"a".repeat(257)}`, "400 bad-request"],
    ["/v1/targets/", "404 not-found"],
    ["/v1/targets/a/b", "404 not-found"],
  ] as const
) {
  Deno.test(`listConnections answers ${path.slice(0, 20)} with ${problem}`, async () => {
    await assertProblem(await createTestApp().app.request(path, PUBLISHER), problem);
  });
}

Deno.test("listConnections answers 503 instead of a partial list if a node could not answer", async () => {
  const nodes = new TestNodes({
    connections: () => [{ node: "n1", value: [] }, { node: "n2", error: "password=hunter2" }],
  });
  const response = await createTestApp({ nodes }).app.request("/v1/targets/alexander", PUBLISHER);
  assertEquals(response.headers.get("retry-after"), "1");
  const { detail } = await assertProblem(response, "503 unavailable");
  assertEquals(detail, "node n2 could not answer");
});

Deno.test("listConnections requires a publisher key on every path", async () => {
  for (const path of ["/v1/targets/alexander", "/v1/targets/%ff"]) {
    await assertProblem(await createTestApp().app.request(path), "401 not-authorized");
  }
});

Deno.test("closeConnections closes the target's connections on all nodes, and returns their number", async () => {
  const nodes = new TestNodes({ disconnect: () => [{ node: "n1", value: 2 }, { node: "n2", value: 3 }] });
  const response = await createTestApp({ nodes }).app.request("/v1/targets/a%2Fb/connections", DELETE);
  assertEquals([response.status, await response.json()], [200, { closed: 5 }]);
  assertEquals(nodes.asked, [{ kind: "disconnect", target: "a/b" }]);
});

Deno.test("closeConnections answers 503 if a node could not answer", async () => {
  const nodes = new TestNodes({
    disconnect: () => [{ node: "n1", value: 2 }, { node: "n2", error: "why" }],
  });
  const response = await createTestApp({ nodes }).app.request("/v1/targets/alexander/connections", DELETE);
  await assertProblem(response, "503 unavailable");
});

Deno.test("closeConnections refuses an invalid target", async () => {
  for (const target of ["%0a", "%zz", "a".repeat(257)]) {
    const response = await createTestApp().app.request(`/v1/targets/${target}/connections`, DELETE);
    await assertProblem(response, "400 bad-request");
  }
});

Deno.test("closeConnections requires a publisher key", async () => {
  const response = await createTestApp().app.request("/v1/targets/alexander/connections", {
    method: "DELETE",
  });
  await assertProblem(response, "401 not-authorized");
});

const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 1_000_000 };
const PATH = "/v1/targets/alexander/notifications";

/** A journal with this many notifications for alexander, and one for burr. */
async function journalWith(count: number): Promise<MemoryJournal> {
  const journal = new MemoryJournal({ offer: () => true, gap() {} }, RETENTION, Date.now);
  const draft = (target: string, n: number) => (
    {
      id: `${target}-${n}`,
      target,
      data: `{"n":${n}.0}`,
      ttl: null,
      topic: null,
      urgency: null,
      push: null,
      digest: null,
    }
  );
  await journal.append([draft("burr", 0), ...Array.from({ length: count }, (_, n) => draft("alexander", n))]);
  return journal;
}

function get(path: string, options: TestAppOptions): Response | Promise<Response> {
  return createTestApp(options).app.request(path, PUBLISHER);
}

Deno.test("listNotifications returns the notifications of the target, oldest first, as browsers receive them", async () => {
  const response = await get(PATH, { journal: await journalWith(2) });
  assertEquals([response.status, response.headers.get("content-type")], [200, "application/json"]);
  const text = await response.text();
  assertStringIncludes(text, `"data":{"n":1.0}`);
  const { target, notifications, next, more } = JSON.parse(text);
  assertEquals([target, notifications.map(({ id }: { id: string }) => id), more], [
    "alexander",
    ["alexander-0", "alexander-1"],
    false,
  ]);
  assertEquals(next, notifications[1].position);
});

Deno.test("listNotifications returns every notification once, page by page", async () => {
  const journal = await journalWith(450);
  const ids: string[] = [];
  let after = "", pages = 0;
  for (let more = true; more; pages++) {
    const response = await get(PATH + after, { journal });
    const page: { notifications: { id: string }[]; next: string; more: boolean } = await response.json();
    ids.push(...page.notifications.map(({ id }) => id));
    after = `?after=${page.next}`;
    more = page.more;
  }
  assertEquals(pages, 3);
  assertEquals(ids, Array.from({ length: 450 }, (_, n) => `alexander-${n}`));
});

Deno.test("listNotifications begins with the oldest notification without `after`, and with `earliest`", async () => {
  const journal = await journalWith(3);
  const [omitted, earliest] = await Promise.all(
    [PATH, `${PATH}?after=earliest`].map(async (path) => await (await get(path, { journal })).json()),
  );
  assertEquals(
    earliest.notifications.map(({ id }: { id: string }) => id),
    [0, 1, 2].map((n) => `alexander-${n}`),
  );
  assertEquals(earliest, omitted);
});

Deno.test("listNotifications returns an empty list for a target without notifications", async () => {
  const response = await get("/v1/targets/nobody/notifications", { journal: await journalWith(1) });
  const { notifications, more } = await response.json();
  assertEquals([notifications, more], [[], false]);
});

Deno.test("listNotifications refuses an invalid position, and answers 503 if the journal cannot be read", async () => {
  await assertProblem(await get(`${PATH}?after=yesterday`, {}), "400 bad-request");
  const fails = () => Promise.reject(new UnavailableError("unavailable"));
  for (const broken of [{ read: fails }, { inbox: fails }]) {
    const whole = await journalWith(1);
    const journal = {
      read: (...query: Parameters<Journal["read"]>) => whole.read(...query),
      inbox: (...query: Parameters<Journal["inbox"]>) => whole.inbox(...query),
      ...broken,
    };
    await assertProblem(await get(PATH, { journal }), "503 unavailable");
  }
});

Deno.test("listNotifications requires a publisher key", async () => {
  await assertProblem(await createTestApp().app.request(PATH), "401 not-authorized");
});

Deno.test("listNotifications says which notifications are read, and lists no mark", async () => {
  const journal = await journalWith(3);
  const { entries } = await journal.inbox("alexander", null, { entries: 3, bytes: 1_000_000 });
  const [newest = "", middle = ""] = entries.map(({ position }) => position);
  await journal.mark("alexander", { type: "read", positions: [middle] });
  const first = await (await get(PATH, { journal })).json();
  assertEquals([first.unread, first.notifications.map(({ read }: { read: boolean }) => read)], [
    2,
    [false, true, false],
  ]);
  const later = await (await get(`${PATH}?after=${newest}`, { journal })).json();
  assertEquals([later.unread, later.notifications, later.more], [2, [], false]);
  assertEquals(later.next, first.next, "the mark is the end of the stream");
  assert(later.next > newest);
});

/** An app whose intake marks in the journal. */
function markingApp(journal: MemoryJournal, options: TestAppOptions = {}) {
  return createTestApp({ journal, intake: testIntakes({ journal }), ...options });
}

function postRead(
  { app }: ReturnType<typeof createTestApp>,
  body: unknown,
  headers: Record<string, string> = PUBLISHER.headers,
): Response | Promise<Response> {
  return app.request("/v1/targets/alexander/read", {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

Deno.test("markAsRead marks positions, and everything through a position, and answers what is unread then", async () => {
  const journal = await journalWith(4);
  const { entries } = await journal.inbox("alexander", null, { entries: 4, bytes: 1_000_000 });
  const [, third = "", , first = ""] = entries.map(({ position }) => position);
  const app = markingApp(journal);
  const response = await postRead(app, { positions: [first] });
  assertEquals([response.status, response.headers.get("content-type")], [200, "application/json"]);
  const { position, ...state } = await response.json();
  assertEquals(state, { target: "alexander", unread: 3, through: first });
  assert(position > third);
  const through = await (await postRead(app, { through: third })).json();
  assertEquals([through.unread, through.through], [1, third]);
  const again = await (await postRead(app, { through: third })).json();
  assertEquals(again, through, "it changes nothing");
});

Deno.test("markAsRead ignores positions at which nothing is kept for the target", async () => {
  const journal = await journalWith(1);
  const foreign = ["00000000-00000000009", "zzzzzzzz-zzzzzzzzzzz"];
  for (const body of [{ positions: foreign }, ...foreign.map((through) => ({ through }))]) {
    const { unread, through } = await (await postRead(markingApp(journal), body)).json();
    assertEquals([unread, through], [1, null]);
  }
});

const POSITION = "00000000-00000000009";
const UNFIT: readonly [string, unknown, string][] = [
  ["what is not JSON", "{", "400 not-json"],
  ["a body over 64 KiB", { positions: Array(3_000).fill(POSITION) }, "413 too-large"],
  ["neither positions nor through", {}, "422 does-not-fit"],
  ["both positions and through", { positions: [POSITION], through: POSITION }, "422 does-not-fit"],
  ["no position", { positions: [] }, "422 does-not-fit"],
  ["1,001 positions", { positions: Array(1_001).fill(POSITION) }, "422 does-not-fit"],
  ["what is no position", { through: "yesterday" }, "422 does-not-fit"],
  ["an unknown field", { through: POSITION, type: "unread" }, "422 does-not-fit"],
];

for (const [what, body, expected] of UNFIT) {
  Deno.test(`markAsRead refuses ${what} with ${expected}, and marks nothing`, async () => {
    await assertProblem(await postRead(createTestApp(), body), expected);
  });
}

Deno.test("markAsRead answers 503 while the service stops, and 501 if nothing is retained", async () => {
  const journal = await journalWith(1);
  const stopping = testIntakes({ journal, isDraining: () => true });
  const body = { through: POSITION };
  const response = await postRead(markingApp(journal, { intake: stopping }), body);
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  const forgetful = new MemoryJournal({ offer: () => true, gap() {} }, { ...RETENTION, seconds: 0 });
  await assertProblem(await postRead(markingApp(forgetful), body), "501 not-here");
});

Deno.test("markAsRead answers 422 too-many-exceptions, and marks nothing then", async () => {
  const journal = await journalWith(600);
  const { entries } = await journal.inbox("alexander", null, { entries: 501, bytes: 1_000_000 });
  const newest = entries.map(({ position }) => position); // all of them are after an unread one
  const app = markingApp(journal);
  assertEquals((await (await postRead(app, { positions: newest.slice(0, 500) })).json()).unread, 100);
  await assertProblem(await postRead(app, { positions: newest.slice(500) }), "422 too-many-exceptions");
  assertEquals((await journal.inbox("alexander", null, { entries: 0, bytes: 0 })).unread, 100);
});

Deno.test("markAsRead requires a publisher key, before it reads the body", async () => {
  await assertProblem(await postRead(createTestApp(), "{", {}), "401 not-authorized");
});

Deno.test("eraseTarget asks all nodes to erase the target, and answers 503 if one could not", async () => {
  const nodes = new TestNodes({ erase: () => [{ node: "n1", value: null }, { node: "n2", value: null }] });
  const erased = await createTestApp({ nodes }).app.request("/v1/targets/a%2Fb", DELETE);
  assertEquals([erased.status, await erased.text()], [204, ""]);
  assertEquals(nodes.asked, [{ kind: "erase", target: "a/b" }]);
  const failing = new TestNodes({ erase: () => [{ node: "n1", value: null }, { node: "n2", error: "why" }] });
  const response = await createTestApp({ nodes: failing }).app.request("/v1/targets/alexander", DELETE);
  await assertProblem(response, "503 unavailable");
});
