/** webhook: from the text of a request to its answer. */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { Draft, Receipt } from "../../src/journal/journal.ts";
import { Problem } from "../../src/problem.ts";
import { webhook } from "../../src/sources/webhook.ts";

const RECEIPTS = ["p1", "p2", "p3"].map((position, index) => (
  { outcome: "kept" as const, position, expiresAt: index * 1_000 }
));
const EPOCH = "1970-01-01T00:00:00.000Z", SECOND = "1970-01-01T00:00:01.000Z";
const TWO_SECONDS = "1970-01-01T00:00:02.000Z";
const CONFLICT: Receipt = { outcome: "conflict" };

/** A webhook whose journal gives these receipts, as many as it is given drafts. */
function webhookWith(receipts: readonly Receipt[]) {
  const appended: Draft[] = [];
  const notify = webhook((drafts) => {
    appended.push(...drafts);
    return Promise.resolve(receipts.slice(0, drafts.length));
  });
  return { notify, appended };
}

Deno.test("notify answers one notification with its id, position and end", async () => {
  const { notify, appended } = webhookWith(RECEIPTS);
  const answer = await notify('{"target":"alexander","data":{"a":1.0},"id":"mine"}', null);
  assertEquals(answer, { id: "mine", position: "p1", expires: EPOCH });
  assertEquals(appended.map(({ target, data }) => [target, data]), [["alexander", '{"a":1.0}']]);
});

Deno.test("notify answers with the id that it made, if none was given", async () => {
  const { notify, appended } = webhookWith(RECEIPTS);
  const answer = await notify('{"everyone":true,"data":1}', null);
  assertEquals<unknown>(answer, { id: appended[0]?.id, position: "p1", expires: EPOCH });
});

Deno.test("notify answers for each target, in their order", async () => {
  const answer = await webhookWith(RECEIPTS).notify('{"targets":["b","a"],"data":1}', "key");
  assertEquals(answer, {
    notifications: [
      { target: "b", id: "key", position: "p1", expires: EPOCH },
      { target: "a", id: "key", position: "p2", expires: SECOND },
    ],
  });
});

Deno.test("notify answers for each notification of an array, with null for everyone", async () => {
  const array = '[{"target":"a","data":1},{"everyone":true,"data":1},{"target":"a","data":2}]';
  assertEquals(await webhookWith(RECEIPTS).notify(array, "key"), {
    notifications: [
      { target: "a", id: "key.0", position: "p1", expires: EPOCH },
      { target: null, id: "key.1", position: "p2", expires: SECOND },
      { target: "a", id: "key.2", position: "p3", expires: TWO_SECONDS },
    ],
  });
});

Deno.test("notify answers a repeat as it answered the first", async () => {
  const repeated = RECEIPTS.map((receipt) => ({ ...receipt, outcome: "repeated" as const }));
  for (const json of ['{"target":"a","data":1}', '[{"targets":["a","b"],"data":1}]']) {
    const first = await webhookWith(RECEIPTS).notify(json, "key");
    assertEquals(await webhookWith(repeated).notify(json, "key"), first);
  }
});

Deno.test("notify rejects a conflict", async () => {
  const { notify } = webhookWith([CONFLICT]);
  const problem = await assertRejects(() => notify('{"target":"a","data":1}', "key"), Problem);
  assertEquals([problem.kind, problem.errors], [
    "id-conflict",
    [{ path: "id", message: "key was used with other content" }],
  ]);
});

Deno.test("notify names each id in conflict once, and no other", async () => {
  const { notify } = webhookWith([...RECEIPTS.slice(0, 1), CONFLICT, CONFLICT, CONFLICT]);
  const array = '[{"target":"a","data":1},{"targets":["a","b"],"data":1},{"target":"a","data":1}]';
  const problem = await assertRejects(() => notify(array, "key"), Problem);
  assertEquals(problem.errors?.map(({ message }) => message), [
    "key.1 was used with other content",
    "key.2 was used with other content",
  ]);
});

Deno.test("notify appends nothing of a request that is refused", async () => {
  const { notify, appended } = webhookWith(RECEIPTS);
  for (const json of ["", "{", '[{"target":"a","data":1},{"target":"a"}]']) {
    await assertRejects(() => notify(json, null), Problem);
  }
  assertEquals(appended, []);
});

Deno.test("notify rejects as append does", async () => {
  const reason = new Problem("unavailable", "no room");
  const notify = webhook(() => Promise.reject(reason));
  assertStrictEquals(await assertRejects(() => notify('{"target":"a","data":1}', null)), reason);
});
