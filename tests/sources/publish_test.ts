/** publish turns the text of a request into drafts, and the receipts into an answer. */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { Draft, Receipt } from "../../src/journal/journal.ts";
import { Problem } from "../../src/wire/problem.ts";
import { publish, type PublishRequest } from "../../src/sources/publish.ts";

const RECEIPTS = ["p1", "p2", "p3"].map((position, index) => (
  { outcome: "kept" as const, position, expiresAt: index * 1_000 }
));
const EPOCH = "1970-01-01T00:00:00.000Z", SECOND = "1970-01-01T00:00:01.000Z";
const TWO_SECONDS = "1970-01-01T00:00:02.000Z";
const CONFLICT: Receipt = { outcome: "conflict" };

/** Creates a `notify` whose intake returns the first of these receipts, one for each draft. */
function publishWith(receipts: readonly Receipt[]) {
  const appended: Draft[] = [];
  function accept(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    appended.push(...drafts);
    return Promise.resolve(receipts.slice(0, drafts.length));
  }
  const notify = (json: string, key: PublishRequest["key"]) => publish({ json, key }, { accept });
  return { notify, appended };
}

Deno.test("publish answers one notification with its id, position and expiry", async () => {
  const { notify, appended } = publishWith(RECEIPTS);
  const json = '{"target":"alexander","data":{"a":1.0},"id":"mine"}';
  const { answer } = await notify(json, null);
  assertEquals(answer, { id: "mine", position: "p1", expires: EPOCH });
  assertEquals(appended.map(({ target, data }) => [target, data]), [["alexander", '{"a":1.0}']]);
});

Deno.test("publish answers with a generated id if none was given", async () => {
  const { notify, appended } = publishWith(RECEIPTS);
  const { answer } = await notify('{"everyone":true,"data":1}', null);
  assertEquals<unknown>(answer, { id: appended[0]?.id, position: "p1", expires: EPOCH });
});

Deno.test("publish answers for each notification of an array, with null for everyone", async () => {
  const array = '[{"target":"a","data":1},{"everyone":true,"data":1},{"target":"a","data":2}]';
  const { answer } = await publishWith(RECEIPTS).notify(array, "key");
  assertEquals(answer, {
    notifications: [
      { target: "a", id: "key.0", position: "p1", expires: EPOCH },
      { target: null, id: "key.1", position: "p2", expires: SECOND },
      { target: "a", id: "key.2", position: "p3", expires: TWO_SECONDS },
    ],
  });
});

Deno.test("publish lists every notification and target with its position for publishers that wait for acks", async () => {
  const array = '[{"targets":["a","b"],"data":1},{"everyone":true,"data":2}]';
  for (
    const [json, accepted, ids, isArray] of [
      ['{"target":"a","data":1}', ["key a p1"], ["key"], false],
      ['{"targets":["a","b"],"data":1}', ["key a p1", "key b p2"], ["key"], false],
      [array, ["key.0 a p1", "key.0 b p2", "key.1 null p3"], ["key.0", "key.1"], true],
    ] as const
  ) {
    const published = await publishWith(RECEIPTS).notify(json, "key");
    assertEquals(published.accepted().map(({ id, target, position }) => `${id} ${target} ${position}`), [
      ...accepted,
    ]);
    assertEquals([published.ids, published.isArray], [[...ids], isArray]);
  }
});

Deno.test("publish returns the id of each notification, even if two have the same", async () => {
  const array = '[{"target":"a","data":1,"id":"same"},{"target":"a","data":1,"id":"same"}]';
  assertEquals((await publishWith(RECEIPTS).notify(array, null)).ids, ["same", "same"]);
});

Deno.test("publish names each id in conflict once, and no otherss", async () => {
  const { notify } = publishWith([...RECEIPTS.slice(0, 1), CONFLICT, CONFLICT, CONFLICT]);
  const array = '[{"target":"a","data":1},{"targets":["a","b"],"data":1},{"target":"a","data":1}]';
  const problem = await assertRejects(() => notify(array, "key"), Problem);
  assertEquals(problem.kind, "id-conflict");
  assertEquals(problem.errors?.map(({ message }) => message), [
    "key.1 was used for other content",
    "key.2 was used for other content",
  ]);
});

Deno.test("publish appends nothing from a request that is refused", async () => {
  const { notify, appended } = publishWith(RECEIPTS);
  for (const json of ["", "{", '[{"target":"a","data":1},{"target":"a"}]']) {
    await assertRejects(() => notify(json, null), Problem);
  }
  assertEquals(appended, []);
});

Deno.test("publish rejects with the error of the intake", async () => {
  const reason = new Problem("unavailable", "no room");
  const intake = { accept: () => Promise.reject(reason) };
  const request = { json: '{"target":"a","data":1}', key: null };
  assertStrictEquals(await assertRejects(() => publish(request, intake)), reason);
});
