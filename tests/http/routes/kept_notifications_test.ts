/** keptNotifications: pages of what the journal keeps for a target. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { type PageLimit, UnavailableError } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import { assertProblem } from "../assert_problem.ts";
import { PUBLISHER_KEY, testApp, type TestParts } from "../test_app.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };
const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 1_000_000 };
const PATH = "/v1/targets/alexander/notifications";

/** A journal with so many notifications for alexander, and one for burr. */
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

function get(path: string, parts: TestParts): Response | Promise<Response> {
  return testApp(parts).app.request(path, PUBLISHER);
}

Deno.test("keptNotifications gives what is kept for the target, oldest first, as browsers get it", async () => {
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

Deno.test("keptNotifications gives page after page until there is no more, each once", async () => {
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

Deno.test("keptNotifications gives nothing of a target that nothing is kept for", async () => {
  const response = await get("/v1/targets/nobody/notifications", { journal: await journalWith(1) });
  const { notifications, more } = await response.json();
  assertEquals([notifications, more], [[], false]);
});

Deno.test("keptNotifications refuses what is no position, and says when the journal cannot be read", async () => {
  await assertProblem(await get(`${PATH}?after=yesterday`, {}), "400 bad-request");
  const journal = {
    read: (_: string, __: unknown, ___: PageLimit) => Promise.reject(new UnavailableError("away")),
  };
  await assertProblem(await get(PATH, { journal }), "503 unavailable");
});

Deno.test("keptNotifications is for publishers only", async () => {
  await assertProblem(await testApp().app.request(PATH), "401 not-authorized");
});
