/** Tests createReceiver: which connection on which node receives posted messages, and what happens without one. */

import { assertEquals, assertRejects } from "@std/assert";
import type { NodeAnswer, ReceiveOutcome } from "../../src/cluster/nodes.ts";
import { Problem, unavailable } from "../../src/wire/problem.ts";
import type { BrowserMessage } from "../../src/wire/protocol.ts";
import { createLocalReceiver, createReceiver } from "../../src/cluster/receive.ts";
import { TestNodes } from "../http/test_nodes.ts";

const MESSAGES: BrowserMessage[] = [{ type: "ack", ids: ["a"] }];
const REQUEST = { connection: "tablet", messages: MESSAGES };
const POSTED = { target: "alexander", ...REQUEST };
const TOO_MANY = { kind: "too-many-requests", detail: "slower", headers: { "retry-after": "2" } } as const;

function recipient(id: string) {
  const received: (readonly BrowserMessage[])[] = [];
  return { id, received, take: (messages: readonly BrowserMessage[]) => void received.push(messages) };
}

function refusingRecipient(error: Error) {
  return {
    id: "tablet",
    take() {
      throw error;
    },
  };
}

/** Creates a receiver whose own node has this outcome, and whose other nodes give these answers. */
function setUp(local: ReceiveOutcome, ...answers: readonly NodeAnswer<"receive">[]) {
  const nodes = new TestNodes({ receive: () => answers });
  return { nodes, receive: createReceiver({ receiveLocally: () => Promise.resolve(local), nodes }) };
}

Deno.test("createLocalReceiver hands messages to the target's connection with that id", async () => {
  const [laptop, tablet] = [recipient("laptop"), recipient("tablet")];
  const asked: string[] = [];
  const receiveLocally = createLocalReceiver((target) => {
    asked.push(target);
    return Promise.resolve([laptop, tablet]);
  });
  assertEquals(await receiveLocally(POSTED), "accepted");
  assertEquals([asked, laptop.received, tablet.received], [["alexander"], [], [MESSAGES]]);
});

Deno.test("createLocalReceiver finds nothing if the target has no such connection", async () => {
  assertEquals(await createLocalReceiver(() => Promise.resolve([recipient("laptop")]))(POSTED), "not-found");
  assertEquals(await createLocalReceiver(() => Promise.resolve([]))(POSTED), "not-found");
});

Deno.test("createLocalReceiver returns the reason of a refusal, and rejects with other errors", async () => {
  const receiveWith = (one: { id: string; take(): void }) =>
    createLocalReceiver(() => Promise.resolve([one]))(POSTED);
  const problem = new Problem("too-many-requests", "slower", { headers: { "retry-after": "2" } });
  assertEquals(await receiveWith(refusingRecipient(problem)), TOO_MANY);
  const headers = { "retry-after": "1" };
  assertEquals(await receiveWith(refusingRecipient(unavailable("full"))), {
    kind: "unavailable",
    detail: "full",
    headers,
  });
  await assertRejects(() => receiveWith(refusingRecipient(new TypeError("broken"))), TypeError, "broken");
  await assertRejects(
    () => receiveWith(refusingRecipient(new Problem("broken", "worse"))),
    Problem,
    "worse",
  );
  await assertRejects(
    () => createLocalReceiver(() => Promise.reject(new TypeError("ended")))(POSTED),
    TypeError,
  );
});

Deno.test("createReceiver asks no other node if the connection is here, whether it accepts or refuses", async () => {
  const accepting = setUp("accepted");
  await accepting.receive("alexander", REQUEST);
  const refusing = setUp(TOO_MANY);
  const problem = await assertRejects(() => refusing.receive("alexander", REQUEST), Problem, "slower");
  assertEquals([problem.kind, problem.headers], [TOO_MANY.kind, TOO_MANY.headers]);
  assertEquals([...accepting.nodes.asked, ...refusing.nodes.asked], []);
});

Deno.test("createReceiver hands messages to the node that has the connection, even if another node fails", async () => {
  const { receive, nodes } = setUp(
    "not-found",
    { node: "n1", value: "not-found" },
    { node: "n2", error: "why" },
    { node: "n3", value: "accepted" },
  );
  await receive("alexander", REQUEST);
  assertEquals(nodes.asked, [{ kind: "receive", ...POSTED }]);
});

Deno.test("createReceiver rejects with the problem of a connection on another node", async () => {
  const { receive } = setUp("not-found", { node: "n2", value: TOO_MANY }, { node: "n3", error: "why" });
  const problem = await assertRejects(() => receive("alexander", REQUEST), Problem, "slower");
  assertEquals([problem.kind, problem.headers], [TOO_MANY.kind, TOO_MANY.headers]);
});

Deno.test("createReceiver answers 404 only if all nodes have answered, and otherwise 503 with Retry-After", async () => {
  const nowhere = setUp("not-found", { node: "n1", value: "not-found" }, { node: "n2", value: "not-found" });
  const notFound = await assertRejects(() => nowhere.receive("alexander", REQUEST), Problem);
  assertEquals(notFound.kind, "not-found");
  const unclear = setUp("not-found", { node: "n2", error: "why" }, { node: "n1", value: "not-found" });
  const problem = await assertRejects(() => unclear.receive("alexander", REQUEST), Problem, "node n2");
  assertEquals([problem.kind, problem.headers], ["unavailable", { "retry-after": "1" }]);
});
