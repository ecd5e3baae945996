/** receiving: which connection gets what a browser posted, on which node, and what is answered when there is none. */

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
  const taken: (readonly BrowserMessage[])[] = [];
  return { id, taken, take: (messages: readonly BrowserMessage[]) => void taken.push(messages) };
}

/** A recipient that takes nothing. */
function refusing(error: Error) {
  return {
    id: "tablet",
    take() {
      throw error;
    },
  };
}

/** Receives where this node says `here`, and all of them, if they are asked, what is given. */
function bench(here: ReceiveOutcome, ...given: readonly NodeAnswer<"received">[]) {
  const nodes = new TestNodes({ received: () => given });
  return { nodes, receive: createReceiver({ here: () => Promise.resolve(here), nodes }) };
}

Deno.test("receivingHere gives messages to the connection of that id among those of the target", async () => {
  const [laptop, tablet] = [recipient("laptop"), recipient("tablet")];
  const asked: string[] = [];
  const here = createLocalReceiver((target) => {
    asked.push(target);
    return Promise.resolve([laptop, tablet]);
  });
  assertEquals(await here(POSTED), "taken");
  assertEquals([asked, laptop.taken, tablet.taken], [["alexander"], [], [MESSAGES]]);
});

Deno.test("receivingHere finds nothing where the target has no such connection", async () => {
  assertEquals(await createLocalReceiver(() => Promise.resolve([recipient("laptop")]))(POSTED), "not here");
  assertEquals(await createLocalReceiver(() => Promise.resolve([]))(POSTED), "not here");
});

Deno.test("receivingHere says why a connection takes nothing, and rejects with other failures", async () => {
  const takenBy = (one: { id: string; take(): void }) =>
    createLocalReceiver(() => Promise.resolve([one]))(POSTED);
  const problem = new Problem("too-many-requests", "slower", { headers: { "retry-after": "2" } });
  assertEquals(await takenBy(refusing(problem)), TOO_MANY);
  const headers = { "retry-after": "1" };
  assertEquals(await takenBy(refusing(unavailable("full"))), {
    kind: "unavailable",
    detail: "full",
    headers,
  });
  await assertRejects(() => takenBy(refusing(new TypeError("broken"))), TypeError, "broken");
  await assertRejects(() => takenBy(refusing(new Problem("broken", "worse"))), Problem, "worse");
  await assertRejects(
    () => createLocalReceiver(() => Promise.reject(new TypeError("ended")))(POSTED),
    TypeError,
  );
});

Deno.test("receiving asks nobody else if the connection is here, whether it takes the messages or not", async () => {
  const taken = bench("taken");
  await taken.receive("alexander", REQUEST);
  const refused = bench(TOO_MANY);
  const problem = await assertRejects(() => refused.receive("alexander", REQUEST), Problem, "slower");
  assertEquals([problem.kind, problem.headers], [TOO_MANY.kind, TOO_MANY.headers]);
  assertEquals([...taken.nodes.asked, ...refused.nodes.asked], []);
});

Deno.test("receiving has the node take the messages that has the connection, even if another fails", async () => {
  const { receive, nodes } = bench(
    "not here",
    { node: "n1", given: "not here" },
    { node: "n2", failed: "why" },
    { node: "n3", given: "taken" },
  );
  await receive("alexander", REQUEST);
  assertEquals(nodes.asked, [{ kind: "received", ...POSTED }]);
});

Deno.test("receiving rejects with the problem that another node's connection has", async () => {
  const { receive } = bench("not here", { node: "n2", given: TOO_MANY }, { node: "n3", failed: "why" });
  const problem = await assertRejects(() => receive("alexander", REQUEST), Problem, "slower");
  assertEquals([problem.kind, problem.headers], [TOO_MANY.kind, TOO_MANY.headers]);
});

Deno.test("receiving finds nothing only if all nodes say so, and otherwise is to be asked again", async () => {
  const nowhere = bench("not here", { node: "n1", given: "not here" }, { node: "n2", given: "not here" });
  const notFound = await assertRejects(() => nowhere.receive("alexander", REQUEST), Problem);
  assertEquals(notFound.kind, "not-found");
  const unclear = bench("not here", { node: "n2", failed: "why" }, { node: "n1", given: "not here" });
  const problem = await assertRejects(() => unclear.receive("alexander", REQUEST), Problem, "node n2");
  assertEquals([problem.kind, problem.headers], ["unavailable", { "retry-after": "1" }]);
});
