/** notify: ids, the Idempotency-Key header, and repeated requests. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { assertProblem } from "../assert_problem.ts";
import { HELLO, NotifyClient, withHello } from "./notify_client.ts";

Deno.test("notify takes the id from Idempotency-Key, with or without quotes", async () => {
  for (
    const [key, id] of [['"a b"', "a b"], ["a-b", "a-b"], ['"\\"a\\\\b\\""', '"a\\b"']] as const
  ) {
    const client = new NotifyClient();
    assertEquals((await client.publish(HELLO, { "idempotency-key": key })).id, id);
    const { notifications } = await client.publish([HELLO, HELLO], { "idempotency-key": key });
    assertEquals(notifications.map(({ id }) => id), [`${id}.0`, `${id}.1`]);
  }
});

Deno.test("notify refuses Idempotency-Key together with id", async () => {
  const client = new NotifyClient();
  for (const body of [withHello({ id: "mine" }), `[${withHello({ id: "mine" })}]`]) {
    await assertProblem(await client.post(body, { "idempotency-key": "mine" }), "400 bad-request");
  }
  assertEquals(client.delivered, []);
});

Deno.test("notify refuses an Idempotency-Key that is repeated, not ASCII, or not closed", async () => {
  for (const key of ['"a", "b"', '"caf\u00e9"', "caf\u00e9", '"a', '"a\\"', '"a\\b"']) {
    await assertProblem(
      await new NotifyClient().post(withHello({}), { "idempotency-key": key }),
      "400 bad-request",
    );
  }
});

Deno.test("notify refuses an Idempotency-Key that is not a valid id", async () => {
  const response = await new NotifyClient().post(withHello({}), { "idempotency-key": "k".repeat(129) });
  await assertProblem(response, "422 does-not-fit");
});

Deno.test("notify refuses an Idempotency-Key that is empty, because arrays would share the ids .0, .1 and so on", async () => {
  const client = new NotifyClient();
  for (const key of ["", '""']) {
    for (const body of [withHello({}), `[${withHello({})}]`]) {
      await assertProblem(await client.post(body, { "idempotency-key": key }), "400 bad-request");
    }
  }
  assertEquals(client.delivered, []);
});

Deno.test("notify answers a repeated request as before, and delivers nothing again", async () => {
  using time = new FakeTime();
  const client = new NotifyClient();
  const several = [HELLO, { targets: ["alexander", "burr"], data: 1 }];
  for (
    const [body, headers] of [[{ ...HELLO, id: "1" }, {}], [several, { "idempotency-key": "2" }]] as const
  ) {
    const first = await client.publish(body, headers);
    const count = client.delivered.length;
    time.tick(1_000);
    assertEquals(await client.publish(body, headers), first);
    assertEquals(client.delivered.length, count);
  }
  assertEquals(client.delivered.length, 4);
});

Deno.test("notify refuses an id that was used for other content", async () => {
  const client = new NotifyClient();
  await client.publish({ ...HELLO, id: "1" });
  for (const other of [{ data: 2 }, { ttl: 1 }, { target: "burr" }, { topic: "t" }, { urgency: "low" }]) {
    const { errors } = await assertProblem(
      await client.post(withHello({ id: "1", ...other })),
      "422 id-conflict",
    );
    assertEquals(errors, [{ path: "id", message: "1 was used for other content" }]);
  }
  assertEquals(client.delivered.length, 1);
});

Deno.test("notify names the conflicting ids of an array", async () => {
  const client = new NotifyClient();
  const key = { "idempotency-key": "key" };
  await client.publish([HELLO, HELLO], key);
  const response = await client.post(JSON.stringify([HELLO, { ...HELLO, data: 2 }]), key);
  const { errors } = await assertProblem(response, "422 id-conflict");
  assertEquals(errors?.map(({ message }) => message), ["key.1 was used for other content"]);
  assertEquals(client.delivered.length, 2);
});
