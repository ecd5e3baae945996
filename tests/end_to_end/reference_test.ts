/** The reference, held against the service: what it answers and sends is what the two documents say, and no more. */

import { assert, assertEquals } from "@std/assert";
import type { z } from "zod";
import { ServerMessage } from "../../src/reference/messages.ts";
import type { Operation } from "../../src/reference/operation.ts";
import { OPERATIONS } from "../../src/reference/openapi.ts";
import { Problem } from "../../src/reference/responses.ts";
import { KINDS } from "../../src/wire/problem.ts";
import { Running } from "./running.ts";
import { Tab } from "./tab.ts";

const KEY = "a-publisher-key";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };
const SOCKETS: readonly string[] = ["connect", "events"]; // they answer with a stream, which is looked at below

/** Fails if it is not as one of the schemas says, or has something that none of them names. */
function assertSaid(schemas: readonly z.ZodType[], value: unknown): void {
  const read = schemas.map((schema) => schema.safeParse(value)).find(({ success }) => success);
  assertEquals(read?.data, value, JSON.stringify(value));
}

/** A publisher key, or Alexander's token. */
async function credentialFor({ caller }: Operation, url: string): Promise<string> {
  if (caller !== "subscriber") return KEY;
  const response = await fetch(`${url}/v1/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}` },
    body: '{"target":"alexander"}',
  });
  return (await response.json()).token;
}

/** Asks with each of its examples; with a key or token, or with none. */
async function answersTo(
  { method, path, parameters = [], body }: Operation,
  { url, credential }: { url: string; credential: string | null },
): Promise<Response[]> {
  const filled = parameters.filter(({ in: place }) => place === "path")
    .reduce((path, { name, example }) => path.replace(`{${name}}`, `${example}`), path);
  const headers: HeadersInit = credential === null ? {} : { authorization: `Bearer ${credential}` };
  const bodies = Object.values(body?.examples ?? { none: undefined });
  return await Promise.all(
    bodies.map((one) =>
      fetch(url + filled, {
        method: method.toUpperCase(),
        headers,
        ...one !== undefined && { body: JSON.stringify(one) },
      })
    ),
  );
}

async function assertDocumented({ id, responses, problems }: Operation, response: Response): Promise<void> {
  const { status } = response;
  const type = response.headers.get("content-type") ?? "";
  const answer = responses.find((one) => one.status === status);
  if (answer === undefined) {
    assertEquals(type, "application/problem+json", `${id}: ${status}`);
    assert(problems.some((kind) => KINDS[kind][0] === status), `${id}: ${status}`);
    return assertSaid([Problem], await response.json());
  }
  if (answer.schemas !== undefined) return assertSaid(answer.schemas, await response.json());
  assert(type.startsWith(answer.mediaType ?? ""), `${id}: ${type}`);
  await response.body?.cancel();
}

for (const operation of Object.values(OPERATIONS).flat()) {
  if (SOCKETS.includes(operation.id)) continue;
  Deno.test(`The service answers ${operation.id} as openapi says, to who may ask and who may not`, async () => {
    await using service = await Running.started(SECRETS);
    const { url } = service;
    await service.notify({ target: "alexander", data: 1 }, { authorization: `Bearer ${KEY}` });
    for (const credential of [await credentialFor(operation, url), null]) {
      for (const response of await answersTo(operation, { url, credential })) {
        await assertDocumented(operation, response);
        assertEquals(response.status === 401, operation.caller !== "anyone" && credential === null);
      }
    }
  });
}

Deno.test("The service waits for acks, and answers a tab's frames, as the documents say", async () => {
  await using service = await Running.started();
  await using tab = (await Tab.open(service.port, { target: "alexander" })).tab;
  const posting = fetch(`${service.url}/v1/notify`, {
    method: "POST",
    headers: { prefer: "wait=60" },
    body: JSON.stringify({ target: "alexander", data: { n: 1e3 }, topic: "duel", urgency: "high" }),
  });
  const notification = await tab.next();
  assertSaid([ServerMessage], notification);
  tab.send(JSON.stringify({ type: "ack", ids: [notification.id] }));
  const response = await posting;
  assertEquals(response.status, 200);
  const notify = OPERATIONS.Publish.find(({ id }) => id === "notify");
  assert(notify !== undefined);
  await assertDocumented(notify, response);
  tab.send("no JSON");
  const refused = await tab.next();
  assertEquals(refused.type, "error");
  assertSaid([ServerMessage], refused);
});

Deno.test("The service welcomes a tab, new or not, as asyncapi says", async () => {
  await using service = await Running.started();
  const { tab, welcome } = await Tab.open(service.port, { target: "alexander" });
  await tab.close();
  assertSaid([ServerMessage], welcome);
  const back = await Tab.open(service.port, { target: "alexander", after: welcome.position });
  await back.tab.close();
  assertSaid([ServerMessage], back.welcome);
  assertEquals(back.welcome.recovered, true);
});
