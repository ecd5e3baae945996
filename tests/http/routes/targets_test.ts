/** The routes of a target: its connections, how to close them, and its notifications in the journal. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { type PageLimit, UnavailableError } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, PUBLISHER_KEY, type TestAppOptions } from "../test_app.ts";
import { TestNodes } from "../test_nodes.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };
const DELETE = { method: "DELETE", ...PUBLISHER };
const AT = Date.UTC(1804, 6, 11, 7);

Deno.test("listConnections lists the connections of the target on all nodes, each with its node", async () => {
  const nodes = new TestNodes({
    connections: () => [
      { node: "n1", value: [{ id: "c1", transport: "websocket", connectedAt: AT, behind: false }] },
      { node: "n2", value: [] },
      { node: "n3", value: [{ id: "c2", transport: "sse", connectedAt: AT + 1, behind: true }] },
    ],
  });
  const response = await createTestApp({ nodes }).app.request(
    "/v1/targets/a%2Fb%20%F0%9F%97%BD%2541",
    PUBLISHER,
  );
  assertEquals([response.status, response.headers.get("content-type")], [200, "application/json"]);
  assertEquals(await response.json(), {
    target: "a/b 🗽%41",
    connections: [
      {
        id: "c1",
        transport: "websocket",
        connected_at: "1804-07-11T07:00:00.000Z",
        node: "n1",
        behind: false,
      },
      { id: "c2", transport: "sse", connected_at: "1804-07-11T07:00:00.001Z", node: "n3", behind: true },
    ],
  });
  assertEquals(nodes.asked, [{ kind: "connections", target: "a/b 🗽%41" }]);
});

Deno.test("listConnections returns an empty list for a target without connections", async () => {
  const nodes = new TestNodes({ connections: () => [{ node: "n1", value: [] }] });
  const response = await createTestApp({ nodes }).app.request("/v1/targets/nobody", PUBLISHER);
  assertEquals(await response.json(), { target: "nobody", connections: [] });
});

for (
  const [path, problem] of [
    ["/v1/targets/%00", "400 bad-request"],
    ["/v1/targets/%ff", "400 bad-request"],
    [`/v1/targets/${"a".repeat(257)}`, "400 bad-request"],
    ["/v1/targets/", "404 not-found"],
    ["/v1/targets", "404 not-found"],
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

Deno.test("listNotifications returns an empty list for a target without notifications", async () => {
  const response = await get("/v1/targets/nobody/notifications", { journal: await journalWith(1) });
  const { notifications, more } = await response.json();
  assertEquals([notifications, more], [[], false]);
});

Deno.test("listNotifications refuses an invalid position, and answers 503 if the journal cannot be read", async () => {
  await assertProblem(await get(`${PATH}?after=yesterday`, {}), "400 bad-request");
  const journal = {
    read: (_: string, __: unknown, ___: PageLimit) => Promise.reject(new UnavailableError("unavailable")),
  };
  await assertProblem(await get(PATH, { journal }), "503 unavailable");
});

Deno.test("listNotifications requires a publisher key", async () => {
  await assertProblem(await createTestApp().app.request(PATH), "401 not-authorized");
});
