/** Tests Requester with Responder: every question ends on both sides, whatever message is lost. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { nextTurn } from "../../../src/async/next_turn.ts";
import { Responder } from "../../../src/cluster/nats/responder.ts";
import { Requester } from "../../../src/cluster/nats/requester.ts";
import type { NodeAnswer, Question, QuestionHandlers } from "../../../src/cluster/nodes.ts";
import { LocalResponder } from "../../../src/cluster/local_responder.ts";
import { TestBus, TestNetwork } from "./test_bus.ts";

const STREAM = "s", ACKS: Question<"acks"> = { kind: "acks", notifications: [], withinMs: 1 };
const THREE_BEATS = [1, 2, 3], TWO_BEATS = [1, 2];

/** A node `asker`, and a node `asked` that answers when the test resolves the gate. */
function setUp() {
  const network = new TestNetwork(), withoutResponder: string[] = [], reported: unknown[] = [];
  const members = new Set(["asker"]), started: AbortSignal[] = [];
  const gate = Promise.withResolvers<null>();
  const local = new LocalResponder("asked", (error) => reported.push(error));
  const handlers: Partial<QuestionHandlers> = {
    acks(_, signal) {
      started.push(signal);
      return gate.promise;
    },
    reports: ({ ids }) => Promise.resolve(ids.map(() => null)),
  };
  local.serve(handlers as QuestionHandlers);
  const bus = new TestBus(network);
  const onNoResponder = (node: string) => void withoutResponder.push(node);
  const requester = new Requester({ node: "asker", stream: STREAM, bus, onNoResponder });
  const report = (error: unknown) => reported.push(error);
  const isMember = (node: string) => members.has(node);
  const responder = new Responder({ node: "asked", stream: STREAM, bus, local, isMember, report });
  const cancellation = new AbortController();
  function askForAcks(node = "asked"): Promise<NodeAnswer<"acks"> | null> {
    const [ask] = requester.prepare(ACKS, [node]);
    assert(ask !== undefined);
    return ask(cancellation.signal);
  }
  function beat(): void {
    requester.beat();
    responder.beat();
  }
  return {
    network,
    bus,
    requester,
    responder,
    gate,
    started,
    withoutResponder,
    members,
    cancellation,
    askForAcks,
    beat,
    reported,
  };
}

function encoded(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function isAborted(signals: readonly AbortSignal[]): boolean[] {
  return signals.map((signal) => signal.aborted);
}

Deno.test("Requester waits as long as the other node confirms that it is answering", async () => {
  const { askForAcks, beat, gate, requester, started } = setUp();
  const answer = askForAcks();
  for (let beats = 0; beats < 20; beats++) beat();
  assertEquals([requester.pending, isAborted(started)], [1, [false]]);
  gate.resolve(null);
  assertEquals(await answer, { node: "asked", value: null });
  assertEquals(requester.pending, 0);
});

Deno.test("Requester fails a question that is not confirmed, because the question or its answer was lost", async () => {
  for (const lost of ["question", "answer"]) {
    const { network, askForAcks, beat, gate, requester, responder, started } = setUp();
    network.isLost = (subject) => subject.startsWith("_INBOX") ? lost === "answer" : lost === "question";
    const answer = askForAcks();
    gate.resolve(null);
    for (const _ of THREE_BEATS) beat();
    assertEquals(await answer, { node: "asked", error: "did not answer" });
    assertEquals([requester.pending, started.length], [0, lost === "answer" ? 1 : 0]);
    responder.close();
  }
});

Deno.test("Requester cancels its questions at the other node when the signal aborts", () => {
  const { askForAcks, cancellation, started, requester } = setUp();
  askForAcks(), askForAcks();
  cancellation.abort();
  assertEquals([isAborted(started), requester.pending], [[true, true], 0]);
});

Deno.test("Requester repeats a lost cancellation when the other node confirms that it is still answering", () => {
  const { askForAcks, cancellation, started, network, beat } = setUp();
  askForAcks();
  network.isLost = () => true;
  cancellation.abort();
  beat();
  assertEquals(isAborted(started), [false]);
  network.isLost = () => false;
  beat();
  assertEquals(isAborted(started), [true]);
});

Deno.test("Requester answers null for a node without a subscription, and reports its name", async () => {
  const { askForAcks, withoutResponder, requester } = setUp();
  assertEquals(await askForAcks("ghost"), null);
  assertEquals([withoutResponder, requester.pending], [["ghost"], 0]);
});

Deno.test("Requester.failAll fails the questions to one node, and no others", async () => {
  const { askForAcks, requester } = setUp();
  const answer = askForAcks();
  requester.failAll("other");
  assertEquals(requester.pending, 1);
  requester.failAll("asked");
  assertEquals(await answer, { node: "asked", error: "did not answer" });
});

Deno.test("Requester fails at once while the bus is down", async () => {
  const { askForAcks, bus, started } = setUp();
  bus.isUp = false;
  assertEquals(await askForAcks(), { node: "asked", error: "cannot be reached" });
  assertEquals(started, []);
});

Deno.test("Requester fails a question whose answer cannot be parsed", async () => {
  for (const wrong of ["null", "{}", '{"value":[]}', '{"error":1}']) {
    const { askForAcks, network } = setUp();
    let reply = "";
    network.subscribe("s.nodes.ask.stranger", { onMessage: (_, from) => void (reply = from.reply) });
    const answer = askForAcks("stranger");
    assertThrows(() => network.deliver(reply, new TextEncoder().encode(wrong), ""));
    assertEquals(await answer, { node: "stranger", error: "gave an answer that cannot be read" });
  }
});

Deno.test("Requester accepts confirmations only from the node that was asked", async () => {
  const { askForAcks, network, requester, responder } = setUp();
  let inbox = "";
  network.isLost = (subject) => {
    if (subject.startsWith("_INBOX")) inbox = subject;
    return false;
  };
  const answer = askForAcks();
  responder.beat();
  const confirmation = encoded({ node: "other", numbers: ["1"] });
  for (const _ of THREE_BEATS) {
    network.deliver(inbox, confirmation, "");
    requester.beat();
  }
  assertEquals(await answer, { node: "asked", error: "did not answer" });
});

Deno.test("Responder stops when the asker has not been a member for three heartbeats", () => {
  const { askForAcks, responder, members, started } = setUp();
  askForAcks();
  members.clear();
  for (const _ of TWO_BEATS) responder.beat();
  members.add("asker");
  responder.beat();
  members.clear();
  for (const _ of TWO_BEATS) responder.beat();
  assertEquals(isAborted(started), [false]);
  responder.beat();
  assertEquals(isAborted(started), [true]);
});

Deno.test("Responder answers a question of an unknown kind with an error", async () => {
  const { network, bus } = setUp();
  const received = Promise.withResolvers<unknown>();
  bus.subscribe("stranger.*", { onMessage: received.resolve });
  const question = encoded({ node: "stranger", question: { kind: "weather" } });
  assertThrows(() => network.deliver("s.nodes.ask.asked", question, "stranger.1"));
  assertEquals(await received.promise, { error: "does not understand the question" });
});

Deno.test("Responder answers with an error if the answer is too large, and reports it", async () => {
  const { askForAcks, gate, bus, reported } = setUp();
  const publish = bus.publish.bind(bus);
  bus.publish = (subject, value, reply) => {
    if (JSON.stringify(value).includes('"value"')) throw new RangeError("too large");
    publish(subject, value, reply);
  };
  const answer = askForAcks();
  gate.resolve(null);
  assertEquals(await answer, { node: "asked", error: "gave an answer that is too large" });
  await nextTurn();
  assertEquals(reported.length, 1);
});

Deno.test("Responder.close aborts the signals of its handlers", () => {
  const { askForAcks, responder, started } = setUp();
  askForAcks();
  responder.close();
  assertEquals(isAborted(started), [true]);
});
