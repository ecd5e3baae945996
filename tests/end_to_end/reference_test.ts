/** Tests that the service answers and sends what its two API documents describe, and no more. */

import { assert, assertEquals } from "@std/assert";
import type { z } from "zod";
import { ServerMessage } from "../../src/reference/messages.ts";
import type { Operation } from "../../src/reference/operation.ts";
import { OPERATIONS } from "../../src/reference/openapi.ts";
import { PublishFrame } from "../../src/reference/publish_messages.ts";
import { Problem } from "../../src/reference/responses.ts";
import { KINDS } from "../../src/wire/problem.ts";
import { eventually } from "../eventually.ts";
import { TestService } from "./test_service.ts";
import { Tab } from "./tab.ts";

const KEY = "a-publisher-key";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };
const STREAMS: readonly string[] = ["connect", "events", "publish"]; // tested below

/** Asserts that a value fits the schema, and has no property beyond it. */
function assertFits(schema: z.ZodType, value: unknown): void {
  assertEquals(schema.safeParse(value).data, value, JSON.stringify(value));
}

/** Returns what the operation needs: a publisher key, or a token of Alexander's. */
async function credentialFor({ caller }: Operation, url: string): Promise<string> {
  if (caller !== "subscriber") return KEY;
  const response = await fetch(`${url}/v1/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}` },
    body: '{"target":"alexander"}',
  });
  return (await response.json()).token;
}

/** Sends the operation once per example of its body. A null credential sends none. */
async function send(
  { method, path, parameters = [], body }: Operation,
  { url, credential }: { url: string; credential: string | null },
): Promise<Response[]> {
  const filled = parameters.filter(({ in: location }) => location === "path")
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
    return assertFits(Problem, await response.json());
  }
  const { schema, mediaType = "application/json" } = answer;
  if (schema === undefined) return await response.body?.cancel();
  assert(type.startsWith(mediaType), `${id}: ${type}`);
  assertFits(schema, mediaType === "application/json" ? await response.json() : await response.text());
}

for (const operation of Object.values(OPERATIONS).flat()) {
  if (STREAMS.includes(operation.id)) continue;
  Deno.test(`The service answers ${operation.id} as openapi.json says, with a credential and without`, async () => {
    await using service = await TestService.start(SECRETS);
    const { url } = service;
    await service.notify({ target: "alexander", data: 1 }, { authorization: `Bearer ${KEY}` });
    for (const credential of [await credentialFor(operation, url), null]) {
      for (const response of await send(operation, { url, credential })) {
        await assertDocumented(operation, response);
        assertEquals(response.status === 401, operation.caller !== "anyone" && credential === null);
      }
    }
  });
}

Deno.test("The service waits for acks, and answers a tab's frames, as the documents say", async () => {
  await using service = await TestService.start();
  await using tab = (await Tab.open(service.port, { target: "alexander" })).tab;
  const posting = fetch(`${service.url}/v1/notify`, {
    method: "POST",
    headers: { prefer: "wait=60" },
    body: JSON.stringify({ target: "alexander", data: { n: 1e3 }, topic: "duel", urgency: "high" }),
  });
  const notification = await tab.next();
  assertFits(ServerMessage, notification);
  tab.send(JSON.stringify({ type: "ack", ids: [notification.id] }));
  const response = await posting;
  assertEquals(response.status, 200);
  const notify = OPERATIONS.Publish.find(({ id }) => id === "notify");
  assert(notify !== undefined);
  await assertDocumented(notify, response);
  const { position } = notification;
  tab.send(JSON.stringify({ type: "read", positions: [position], ref: "r" }));
  const answers = [await tab.next(), await tab.next()];
  assertEquals(answers.map(({ type }) => type).toSorted(), ["marked", "read"]);
  for (const answer of answers) assertFits(ServerMessage, answer);
  tab.send(JSON.stringify({ type: "unread", positions: [position] }));
  const unread = await tab.next();
  assertFits(ServerMessage, unread);
  assertEquals([unread.type, unread.through, unread.unread], ["read", position, [position]]);
  tab.send("no JSON");
  const refused = await tab.next();
  assertEquals(refused.type, "error");
  assertFits(ServerMessage, refused);
});

Deno.test("The service answers a publisher's frames as asyncapi.json says", async () => {
  await using service = await TestService.start();
  const socket = new WebSocket(`ws://127.0.0.1:${service.port}/v1/publish`);
  const frames: unknown[] = [];
  socket.onmessage = ({ data }) => frames.push(JSON.parse(data));
  await new Promise((resolve) => socket.onopen = resolve);
  const sent = [
    { target: "alexander", data: 1 },
    { targets: ["alexander"], data: 1, at: "2000-01-01T00:00:00Z" },
    [{ everyone: true, data: 1 }],
    { target: "" },
  ];
  for (const frame of sent) socket.send(JSON.stringify(frame));
  await eventually(() => frames.flat().length === 1 + sent.length, "the answers");
  for (const frame of frames) assertFits(PublishFrame, frame);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});

Deno.test("The service welcomes a new and a returning tab as asyncapi.json says", async () => {
  await using service = await TestService.start();
  const { tab, welcome } = await Tab.open(service.port, { target: "alexander" });
  await tab.close();
  assertFits(ServerMessage, welcome);
  const returned = await Tab.open(service.port, { target: "alexander", after: welcome.position });
  await returned.tab.close();
  assertFits(ServerMessage, returned.welcome);
  assertEquals(returned.welcome.recovered, true);
});
