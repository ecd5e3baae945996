/** inbox: who may read it, its pages, and that they are the texts of the publisher. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Draft, UnavailableError } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import { assertProblem } from "../assert_problem.ts";
import { bearer, signedToken } from "../auth/signed_token.ts";
import { ALLOWED_ORIGIN, createTestApp, DEVELOPMENT, type TestAppOptions } from "../test_app.ts";
import type { InboxAnswer } from "../inbox_answer.ts";

const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 10_000_000 };

function draft(target: string | null, id: string, more: Partial<Draft> = {}): Draft {
  return { id, target, data: "1", ttl: null, topic: null, urgency: null, push: null, digest: null, ...more };
}

/** A journal with these notifications, in this order. */
async function journalWith(...drafts: readonly Draft[]): Promise<MemoryJournal> {
  const journal = new MemoryJournal({ offer: () => true, gap() {} }, RETENTION);
  if (drafts.length > 0) await journal.append(drafts);
  return journal;
}

/** Requests the inbox of alexander in development mode. */
function get(query: string, options: TestAppOptions): Response | Promise<Response> {
  const { app } = createTestApp({ config: DEVELOPMENT, ...options });
  return app.request(`/v1/inbox?target=alexander${query}`);
}

async function read(query: string, journal: MemoryJournal): Promise<InboxAnswer> {
  const response = await get(query, { journal });
  assertEquals(response.status, 200);
  return await response.json();
}

Deno.test("inbox lists the newest notifications of the target and of everyone first, with what is read", async () => {
  const journal = await journalWith(
    draft("alexander", "a"),
    draft("burr", "b"),
    draft(null, "all"),
    draft("alexander", "c", { topic: "duel", urgency: "high" }),
  );
  const before = await read("", journal);
  assertEquals(before.notifications.map(({ id, read }) => [id, read]), [
    ["c", false],
    ["all", false],
    ["a", false],
  ]);
  assertEquals([before.target, before.unread, before.through, before.more], ["alexander", 3, null, false]);
  assertEquals(before.position, before.notifications[0]?.position);
  const { position: all = "" } = before.notifications[1] ?? {};
  await journal.mark("alexander", { type: "read", positions: [all] });
  const after = await read("", journal);
  assertEquals([after.unread, after.notifications.map(({ read }) => read)], [2, [false, true, false]]);
  assert(after.position > before.position, "the mark has a position too");
  await journal.mark("alexander", { type: "read", through: after.position });
  await journal.mark("alexander", { type: "unread", positions: [all] });
  const last = await read("", journal);
  assertEquals([last.unread, last.notifications.map(({ read }) => read)], [1, [true, false, true]]);
  assertEquals(last.through, after.position);
});

Deno.test("inbox writes exactly the members of a notification, and the publisher's own text of its data", async () => {
  const data = `{"n":12345678901234567890.0,"read":"}","type":"notification"}`;
  const journal = await journalWith(draft("alexander", 'a"}', { data, topic: "duel", urgency: "low" }));
  const response = await get("", { journal });
  assertEquals(
    ["content-type", "cache-control"].map((name) => response.headers.get(name)),
    ["application/json", "no-store"],
  );
  const text = await response.text();
  assertStringIncludes(text, `"data":${data},"topic":"duel","urgency":"low","read":false}`);
  const { notifications: [notification] } = JSON.parse(text);
  assertEquals(Object.keys(notification), ["id", "position", "at", "data", "topic", "urgency", "read"]);
  assertEquals([notification.id, notification.read], ['a"}', false]);
});

Deno.test("inbox pages to the oldest notification with before and limit, each once", async () => {
  const ids = Array.from({ length: 120 }, (_, n) => `n${n}`);
  const journal = await journalWith(...ids.map((id) => draft("alexander", id)));
  for (
    const [limit, sizes] of [["", [50, 50, 20]], ["&limit=100", [100, 20]], ["&limit=200", [120]]] as const
  ) {
    const pages: InboxAnswer[] = [];
    let query: string | null = limit;
    while (query !== null) {
      const page: InboxAnswer = await read(query, journal);
      pages.push(page);
      query = page.more ? `${limit}&before=${page.notifications.at(-1)?.position}` : null;
    }
    assertEquals(pages.map(({ notifications }) => notifications.length), [...sizes]);
    const found = pages.flatMap(({ notifications }) => notifications.map(({ id }) => id));
    assertEquals(found, ids.toReversed());
    assertEquals(new Set(pages.map(({ unread, position }) => `${unread} ${position}`)).size, 1);
  }
});

Deno.test("inbox limits the bytes of a page, and has at least one notification on it", async () => {
  const data = JSON.stringify("x".repeat(60_000));
  const journal = await journalWith(
    ...["a", "b", "c", "d", "e", "f"].map((id) => draft("alexander", id, { data })),
  );
  const { notifications, more } = await read("", journal);
  assertEquals([notifications.map(({ id }) => id), more], [["f", "e", "d", "c"], true]);
});

Deno.test("inbox has an empty page for a target without notifications, and before a foreign position", async () => {
  const journal = await journalWith(draft("burr", "b"), draft("alexander", "a"));
  const { notifications, more, unread } = await read("&before=00000000-00000000009", journal);
  assertEquals([notifications, more, unread], [[], false, 1]);
  const empty = await read("", await journalWith(draft("burr", "b")));
  assertEquals([empty.notifications, empty.unread, empty.through, empty.more], [[], 0, null, false]);
});

const INVALID = {
  before: ["yesterday", "", "0", "null"],
  limit: ["0", "201", "-1", "1.5", "1e2", "", "ten", "9".repeat(400)],
};

for (const [name, values] of Object.entries(INVALID)) {
  Deno.test(`inbox refuses an invalid ${name} with 400, and names it`, async () => {
    for (const value of values) {
      const { detail } = await assertProblem(await get(`&${name}=${value}`, {}), "400 bad-request");
      assertStringIncludes(detail, `${name}: `);
    }
  });
}

Deno.test("inbox accepts the token in the header, the cookie or the query, and takes the target from it", async () => {
  const journal = await journalWith(draft("alexander", "a"), draft("burr", "b"));
  const exp = Math.floor(Date.now() / 1000) + 60;
  const jwt = await signedToken({ sub: "alexander", exp });
  const { app } = createTestApp({ journal });
  const requests: [string, Record<string, string>][] = [
    ["", bearer(jwt)],
    ["", { cookie: `tidings_token=${jwt}`, origin: ALLOWED_ORIGIN }],
    [`?access_token=${jwt}`, {}],
  ];
  for (const [query, headers] of requests) {
    const answer: InboxAnswer = await (await app.request(`/v1/inbox${query}`, { headers })).json();
    assertEquals([answer.target, answer.notifications.map(({ id }) => id)], ["alexander", ["a"]]);
  }
  await assertProblem(
    await app.request("/v1/inbox?target=burr", { headers: bearer(jwt) }),
    "400 bad-request",
  );
  await assertProblem(await app.request("/v1/inbox?target=alexander"), "401 not-authorized");
});

Deno.test("inbox refuses pages of other origins, and cookies without an Origin", async () => {
  const jwt = await signedToken({ sub: "alexander" }), origin = "https://evil.example";
  const { app } = createTestApp();
  for (const headers of [{ ...bearer(jwt), origin }, { cookie: `tidings_token=${jwt}` }]) {
    await assertProblem(await app.request("/v1/inbox", { headers }), "403 origin-not-allowed");
  }
});

Deno.test("inbox lets allowed pages read the answer and the refusal, and send a token", async () => {
  const { app } = createTestApp({ journal: await journalWith() });
  const headers = { origin: ALLOWED_ORIGIN, ...bearer(await signedToken({ sub: "alexander" })) };
  for (const [query, status] of [["", 200], ["?limit=0", 400]] as const) {
    const response = await app.request(`/v1/inbox${query}`, { headers });
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("access-control-allow-origin")], [
      status,
      ALLOWED_ORIGIN,
    ]);
  }
  const preflight = await app.request("/v1/inbox", { method: "OPTIONS", headers });
  assertEquals([preflight.status, preflight.headers.get("access-control-allow-headers")], [
    204,
    "authorization",
  ]);
});

Deno.test("inbox answers 503 while the service stops, and while the journal cannot be reached or read", async () => {
  const cause = new UnavailableError("no journal");
  const inbox = () => Promise.reject(cause);
  const journal = Object.assign(await journalWith(), { inbox });
  for (
    const options of [{ isDraining: () => true }, { isReachable: () => false }, { journal }]
  ) {
    const response = await get("", options);
    assertEquals(response.headers.get("retry-after"), "1");
    await assertProblem(response, "503 unavailable");
  }
});
