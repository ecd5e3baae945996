/** Asking and Answering: that every question ends, whatever gets lost, and both sides know. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { nextTurn } from "../../../src/async/next_turn.ts";
import { Responder } from "../../../src/cluster/nats/responder.ts";
import { Requester } from "../../../src/cluster/nats/requester.ts";
import type { NodeAnswer, Question, QuestionHandlers } from "../../../src/cluster/nodes.ts";
import { LocalResponder } from "../../../src/cluster/local_responder.ts";
import { Air, TestTalk } from "./test_bus.ts";

const STREAM = "s", ACKS: Question<"acks"> = { kind: "acks", notifications: [], withinMs: 1 };
const BEATS = [1, 2, 3];

/** A node `asker` that asks, and a node `asked`, which answers when a test says so. */
function bench() {
  const air = new Air(), gone: string[] = [], reported: unknown[] = [];
  const members = new Set(["asker"]), started: AbortSignal[] = [];
  const gate = Promise.withResolvers<null>();
  const own = new LocalResponder("asked", (error) => reported.push(error));
  const answers: Partial<QuestionHandlers> = {
    acks(_, signal) {
      started.push(signal);
      return gate.promise;
    },
    reports: ({ ids }) => Promise.resolve(ids.map(() => null)),
  };
  own.serve(answers as QuestionHandlers);
  const parts = { stream: STREAM, talk: new TestTalk(air) };
  const asking = new Requester({ ...parts, node: "asker", gone: (node) => gone.push(node) });
  const report = (error: unknown) => reported.push(error);
  const isMember = (node: string) => members.has(node);
  const answering = new Responder({ ...parts, node: "asked", own, isMember, report });
  const enough = new AbortController();
  /** Asks for acks. */
  function ask(node = "asked"): Promise<NodeAnswer<"acks"> | null> {
    const [one] = asking.asks(ACKS, [node]);
    assert(one !== undefined);
    return one(enough.signal);
  }
  function beat(): void {
    asking.beat();
    answering.beat();
  }
  return {
    air,
    asking,
    answering,
    gate,
    started,
    gone,
    members,
    enough,
    ask,
    beat,
    reported,
    talk: parts.talk,
  };
}

/** The state of each signal. */
function aborted(signals: readonly AbortSignal[]): boolean[] {
  return signals.map((signal) => signal.aborted);
}

Deno.test("Asking waits as long as the asked node says that it is answering", async () => {
  const { ask, beat, gate, asking, started } = bench();
  const answer = ask();
  for (let beats = 0; beats < 20; beats++) beat();
  assertEquals([asking.open, aborted(started)], [1, [false]]);
  gate.resolve(null);
  assertEquals(await answer, { node: "asked", given: null });
  assertEquals(asking.open, 0);
});

Deno.test("Asking gives up what nobody says to be answering, for the question or its answer was lost", async () => {
  for (const what of ["question", "answer"]) {
    const { air, ask, beat, gate, asking, answering, started } = bench();
    air.isLost = (subject) => subject.startsWith("_INBOX") ? what === "answer" : what === "question";
    const answer = ask();
    gate.resolve(null);
    for (const _ of BEATS) beat();
    assertEquals(await answer, { node: "asked", failed: "did not answer" });
    assertEquals([asking.open, started.length], [0, what === "answer" ? 1 : 0]);
    answering.close();
  }
});

Deno.test("Asking tells the asked node that it has heard enough", () => {
  const { ask, enough, started, asking } = bench();
  ask(), ask();
  enough.abort();
  assertEquals([aborted(started), asking.open], [[true, true], 0]);
});

Deno.test("Asking says it again if that was lost, when the node says that it is still answering", () => {
  const { ask, enough, started, air, beat } = bench();
  ask();
  air.isLost = () => true;
  enough.abort();
  beat();
  assertEquals(aborted(started), [false]);
  air.isLost = () => false;
  beat();
  assertEquals(aborted(started), [true]);
});

Deno.test("Asking gets no answer from where nobody listens, and says who is not there", async () => {
  const { ask, gone, asking } = bench();
  assertEquals(await ask("ghost"), null);
  assertEquals([gone, asking.open], [["ghost"], 0]);
});

Deno.test("Asking fails for a node that is lost, and for no other", async () => {
  const { ask, asking } = bench();
  const answer = ask();
  asking.lost("other");
  assertEquals(asking.open, 1);
  asking.lost("asked");
  assertEquals(await answer, { node: "asked", failed: "did not answer" });
});

Deno.test("Asking fails at once where the line is down", async () => {
  const { ask, talk, started } = bench();
  talk.isUp = false;
  assertEquals(await ask(), { node: "asked", failed: "cannot be reached" });
  assertEquals(started, []);
});

Deno.test("Asking fails for an answer that is none, and for one that says nothing", async () => {
  for (const wrong of ["null", "{}", '{"given":[]}', '{"failed":1}']) {
    const { ask, air } = bench();
    let reply = "";
    air.listen("s.nodes.ask.stranger", { take: (_, on) => void (reply = on.reply) });
    const answer = ask("stranger");
    assertThrows(() => air.carry(reply, new TextEncoder().encode(wrong), ""));
    assertEquals(await answer, { node: "stranger", failed: "gave an answer that cannot be read" });
  }
});

Deno.test("Asking is not told by one node what another is answering", async () => {
  const { ask, air, asking, answering } = bench();
  let inbox = "";
  air.isLost = (subject) => {
    if (subject.startsWith("_INBOX")) inbox = subject;
    return false;
  };
  const answer = ask();
  answering.beat();
  const said = new TextEncoder().encode(JSON.stringify({ node: "other", working: ["1"] }));
  for (const _ of BEATS) {
    air.carry(inbox, said, "");
    asking.beat();
  }
  assertEquals(await answer, { node: "asked", failed: "did not answer" });
});

Deno.test("Answering stops when its asker has not been there for three beats", () => {
  const { ask, answering, members, started } = bench();
  ask();
  members.clear();
  for (const _ of [1, 2]) answering.beat();
  members.add("asker");
  answering.beat();
  members.clear();
  for (const _ of [1, 2]) answering.beat();
  assertEquals(aborted(started), [false]);
  answering.beat();
  assertEquals(aborted(started), [true]);
});

Deno.test("Answering answers also what it does not understand", async () => {
  const { air, talk } = bench();
  const heard = Promise.withResolvers<unknown>();
  talk.hear("stranger.*", { take: heard.resolve });
  const question = JSON.stringify({ node: "stranger", question: { kind: "weather" } });
  assertThrows(() => air.carry("s.nodes.ask.asked", new TextEncoder().encode(question), "stranger.1"));
  assertEquals(await heard.promise, { failed: "does not understand the question" });
});

Deno.test("Answering says so if the answer is too large, and reports it", async () => {
  const { ask, gate, talk, reported } = bench();
  const say = talk.say.bind(talk);
  talk.say = (subject, said, reply) => {
    if (JSON.stringify(said).includes("given")) throw new RangeError("too large");
    say(subject, said, reply);
  };
  const answer = ask();
  gate.resolve(null);
  assertEquals(await answer, { node: "asked", failed: "gave an answer that is too large" });
  await nextTurn();
  assertEquals(reported.length, 1);
});

Deno.test("Answering.close tells those who work on an answer", () => {
  const { ask, answering, started } = bench();
  ask();
  answering.close();
  assertEquals(aborted(started), [true]);
});
