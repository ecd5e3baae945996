/** What the nodes of a service do for each other, as tests. An adapter's own test file calls this with a way to make some. */

import { assert, assertEquals } from "@std/assert";
import type {
  ConnectionInfo,
  Member,
  NodeAnswer,
  Nodes,
  QuestionHandlers,
  QuestionKind,
} from "../../src/cluster/nodes.ts";
import type { BrowserMessage } from "../../src/wire/protocol.ts";
import { METRICS } from "../metrics/sample_metrics.ts";

/** A service: of the same nodes, each sees all. An adapter that allows for it is tested with one and with several. */
export interface TestNodes extends AsyncDisposable {
  /** Each by the name that it has in answers. */
  readonly nodes: ReadonlyMap<string, Nodes>;
  /** What the nodes have reported as failures of their own. */
  readonly reported: readonly unknown[];
}

/** `calm`: nobody is taken for gone who is only slow. `brisk`: nodes tell each other soon what has changed. */
export type Pace = "calm" | "brisk";

/** Makes nodes that know of each other already, and have so many connections each, of so many that they may have. */
export type MakeNodes = (load: Omit<Member, "node">, pace: Pace) => Promise<TestNodes>;

const LOAD = { connections: 3, capacity: 10 };
const SEEN: ConnectionInfo = {
  id: "c",
  transport: "sse",
  connectedAt: Date.UTC(1804, 6, 11, 7),
  behind: true,
};

/** Answers that say what was asked; a test puts its own in their place. */
function answers(own: Partial<QuestionHandlers> = {}): QuestionHandlers {
  return {
    connections: ({ target }) => Promise.resolve([{ ...SEEN, id: target }]),
    disconnect: ({ target }) => Promise.resolve(target.length),
    reports: ({ ids }) =>
      Promise.resolve(ids.map((id) => ({ id, acceptedAt: 1, sent: 2, acked: 1, firstAckMs: null }))),
    acks: () => Promise.resolve(null),
    received: ({ connection }) => Promise.resolve(connection === "tablet" ? "taken" : "not here"),
    metrics: () => Promise.resolve(METRICS),
    ...own,
  };
}

const MESSAGE: BrowserMessage = { type: "ack", ids: ["a", "b"] };

function never(): Promise<never> {
  return new Promise(() => {});
}

/** All of the answers, in the order of the nodes' names. */
async function all<K extends QuestionKind>(asked: AsyncIterable<NodeAnswer<K>>): Promise<NodeAnswer<K>[]> {
  return (await Array.fromAsync(asked)).toSorted((a, b) => a.node < b.node ? -1 : 1);
}

/** When it is so. How long that may take is up to the nodes; a test that waits in vain does not end. */
export async function when(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Registers the tests: where they can run. */
export function nodesContract(
  name: string,
  make: MakeNodes,
  register: (name: string, test: () => Promise<void>) => void = Deno.test,
): void {
  function test(does: string, run: (service: TestNodes) => Promise<void>, pace: Pace = "calm"): void {
    register(`${name} ${does}`, async () => {
      await using service = await make(LOAD, pace);
      await run(service);
    });
  }

  /** Has every node answer, and gives what all of them are to answer. */
  function serveAll(
    { nodes }: TestNodes,
    own: Partial<QuestionHandlers> = {},
  ): <const G>(given: G) => { node: string; given: G }[] {
    for (const node of nodes.values()) node.serve(answers(own));
    return (given) => [...nodes.keys()].toSorted().map((node) => ({ node, given }));
  }

  test("asks every node, and gives the answers of all, whoever asks", async (service) => {
    const fromAll = serveAll(service);
    for (const nodes of service.nodes.values()) {
      const target = "alexander";
      assertEquals(await all(nodes.ask({ kind: "connections", target })), fromAll([{ ...SEEN, id: target }]));
      assertEquals(await all(nodes.ask({ kind: "disconnect", target })), fromAll(9));
      assertEquals(
        await all(nodes.ask({ kind: "reports", ids: ["a", "b"] })),
        fromAll(["a", "b"].map((id) => ({ id, acceptedAt: 1, sent: 2, acked: 1, firstAckMs: null }))),
      );
      assertEquals(await all(nodes.ask({ kind: "acks", notifications: [], withinMs: 0 })), fromAll(null));
      const posted = { kind: "received", target, connection: "tablet", messages: [] } as const;
      assertEquals(await all(nodes.ask({ ...posted, messages: [MESSAGE] })), fromAll("taken"));
      assertEquals(await all(nodes.ask({ kind: "metrics" })), fromAll(METRICS));
      const elsewhere = { ...posted, connection: "laptop", messages: [MESSAGE] };
      assertEquals(await all(nodes.ask(elsewhere)), fromAll("not here"));
    }
  });

  test("hands over what a browser posted as it is, and why it was refused", async (service) => {
    const messages = [MESSAGE, { type: "message", data: { "": [null, 1.5, "é🗽\u2028"] } }] as const;
    const refusal = { kind: "too-many-requests", detail: "é", headers: { "retry-after": "5" } } as const;
    const asked: unknown[] = [];
    const fromAll = serveAll(service, {
      received(question) {
        asked.push(question);
        return Promise.resolve(refusal);
      },
    });
    for (const nodes of service.nodes.values()) {
      const question = { kind: "received", target: "a b", connection: "*.>", messages } as const;
      assertEquals(await all(nodes.ask(question)), fromAll(refusal));
      assertEquals(asked.splice(0), fromAll(question).map(({ given }) => given));
    }
  });

  test("hands over as many connections as a node may have", async (service) => {
    const connections = Array.from({ length: 50_000 }, () => ({ ...SEEN, id: crypto.randomUUID() }));
    const fromAll = serveAll(service, { connections: () => Promise.resolve(connections) });
    for (const nodes of [...service.nodes.values()].slice(0, 1)) {
      const answered = await all(nodes.ask({ kind: "connections", target: "alexander" }));
      assertEquals(answered.length, fromAll(0).length);
      for (const answer of answered) {
        assert("given" in answer && JSON.stringify(answer.given) === JSON.stringify(connections));
      }
    }
  });

  test("hands over questions and answers as they are, whatever is in them", async (service) => {
    const asked: unknown[] = [];
    const awkward = ["", '"\\', "a.b.*.>", "é🗽 \t", "\u2028", "x".repeat(128)];
    const connections = awkward.map((id) => ({ ...SEEN, id }));
    const fromAll = serveAll(service, {
      connections: (question) => {
        asked.push(question.target);
        return Promise.resolve(connections);
      },
      acks: (question) => {
        asked.push(question);
        return Promise.resolve(null);
      },
    });
    for (const nodes of service.nodes.values()) {
      for (const target of awkward) {
        assertEquals(await all(nodes.ask({ kind: "connections", target })), fromAll(connections));
        assertEquals(asked.splice(0), fromAll(target).map(({ given }) => given));
      }
      const notifications = awkward.map((target) => (
        { id: target, acceptedAt: 1.5, target, position: "p", expiresAt: 2 }
      ));
      const question = {
        kind: "acks" as const,
        notifications: [...notifications, {
          id: "all",
          acceptedAt: 0,
          target: null,
          position: "",
          expiresAt: 0,
        }],
        withinMs: 60_000,
      };
      assertEquals(await all(nodes.ask(question)), fromAll(null));
      assertEquals(asked.splice(0), fromAll(question).map(({ given }) => given));
    }
  });

  test("hands over as many notifications as a request may have", async (service) => {
    let max = 0;
    const fromAll = serveAll(service, {
      acks: ({ notifications }) => Promise.resolve(void (max = notifications.length)).then(() => null),
    });
    const notifications = Array.from({ length: 10_000 }, (_, n) => (
      {
        id: crypto.randomUUID(),
        acceptedAt: n,
        target: `target-${n}`,
        position: "00000000-00000000000",
        expiresAt: n,
      }
    ));
    for (const nodes of service.nodes.values()) {
      assertEquals(await all(nodes.ask({ kind: "acks", notifications, withinMs: 0 })), fromAll(null));
      assertEquals(max, 10_000);
    }
  });

  test("gives each of many questions at once its own answers, and none has to wait for another", async (service) => {
    const fromAll = serveAll(service, { acks: never });
    for (const nodes of service.nodes.values()) {
      const enough = new AbortController();
      const waiting = all(nodes.ask({ kind: "acks", notifications: [], withinMs: 0 }, enough.signal));
      const targets = Array.from({ length: 100 }, (_, n) => "x".repeat(n + 1));
      const answered = await Promise.all(
        targets.map((target) => all(nodes.ask({ kind: "disconnect", target }))),
      );
      assertEquals(answered, targets.map(({ length }) => fromAll(length)));
      enough.abort();
      assertEquals(await waiting, []);
    }
  });

  test("gives an answer as soon as there is one, and ends when all have answered", async (service) => {
    const gates = [...service.nodes.values()].map((nodes) => {
      const gate = Promise.withResolvers<null>();
      nodes.serve(answers({ acks: () => gate.promise }));
      return gate;
    });
    for (const nodes of [...service.nodes.values()].slice(0, 1)) {
      const answering = nodes.ask({ kind: "acks", notifications: [], withinMs: 0 })[Symbol.asyncIterator]();
      const answered = new Set<string>();
      for (const gate of gates) {
        gate.resolve(null);
        const { value, done } = await answering.next();
        assert(!done && "given" in value);
        answered.add(value.node);
      }
      assertEquals(answered, new Set(service.nodes.keys()));
      assertEquals((await answering.next()).done, true);
    }
  });

  test("has a node that fails among the answers, reports it there, and asks it again next time", async (service) => {
    const [failing = ""] = [...service.nodes.keys()].slice(-1);
    const fromAll = serveAll(service);
    for (
      const disconnect of [
        () => Promise.reject(new Error("broken")),
        () => {
          throw new TypeError("broken at once");
        },
      ]
    ) {
      service.nodes.get(failing)?.serve(answers({ disconnect }));
      const before = service.reported.length;
      for (const nodes of service.nodes.values()) {
        const answered = await all(nodes.ask({ kind: "disconnect", target: "a" }));
        assertEquals(answered.map(({ node }) => node), fromAll(1).map(({ node }) => node));
        for (const answer of answered) assertEquals("failed" in answer, answer.node === failing);
        const others = await all(nodes.ask({ kind: "reports", ids: [] }));
        assertEquals(others, fromAll([]));
      }
      assertEquals(service.reported.length - before, service.nodes.size);
    }
  });

  test("ends at once, without an error, when the signal aborts, and tells those who answer", async (service) => {
    for (const nodes of service.nodes.values()) {
      const told: Promise<void>[] = [];
      const asked = Promise.withResolvers<void>();
      serveAll(service, {
        acks(_, signal) {
          told.push(new Promise((resolve) => signal.addEventListener("abort", () => resolve())));
          if (told.length === service.nodes.size) asked.resolve();
          return never();
        },
      });
      const enough = new AbortController();
      const question = { kind: "acks", notifications: [], withinMs: 60_000 } as const;
      const answering = all(nodes.ask(question, enough.signal));
      await asked.promise;
      enough.abort();
      assertEquals(await answering, []);
      await Promise.all(told);
      assertEquals(await all(nodes.ask(question, enough.signal)), [], "has aborted before");
      assertEquals(told.length, service.nodes.size, "nobody was asked");
    }
  });

  test("ends when the asker has heard enough, and answers the next question", async (service) => {
    const fromAll = serveAll(service);
    for (const nodes of service.nodes.values()) {
      for await (const { node } of nodes.ask({ kind: "disconnect", target: "a" })) {
        assert(service.nodes.has(node));
        break;
      }
      assertEquals(await all(nodes.ask({ kind: "disconnect", target: "b" })), fromAll(1));
    }
  });

  test("asks nothing before somebody listens", async (service) => {
    let asked = 0;
    serveAll(service, { disconnect: () => Promise.resolve(++asked) });
    for (const nodes of service.nodes.values()) nodes.ask({ kind: "disconnect", target: "a" });
    await all([...service.nodes.values()][0]?.ask({ kind: "reports", ids: [] }) ?? nothing());
    assertEquals(asked, 0);
  });

  test("leaves nobody waiting for nodes that do not answer yet", async (service) => {
    for (const nodes of service.nodes.values()) {
      for (const answer of await all(nodes.ask({ kind: "disconnect", target: "a" }))) {
        assert("failed" in answer);
      }
    }
  });

  test("knows who is there with what load, the one that is asked first", (service) => {
    for (const [own, nodes] of service.nodes) {
      const members = nodes.members();
      assertEquals(members[0], { node: own, ...LOAD });
      assertEquals(new Set(members.map(({ node }) => node)), new Set(service.nodes.keys()));
      assertEquals(members.length, service.nodes.size);
      for (const { connections, capacity } of members) assertEquals({ connections, capacity }, LOAD);
    }
    return Promise.resolve();
  });

  test(
    "knows how many connections a target has on the other nodes, while it has some itself",
    async (service) => {
      const nodes = [...service.nodes.values()];
      const others = (count: number) => count * (nodes.length - 1);
      const isKnown = (count: number) => nodes.every((node) => node.elsewhere("alexander") === others(count));
      for (const count of [1, 3, 2]) {
        for (const node of nodes) node.present("alexander", count);
        await when(() => isKnown(count));
      }
      const [first, ...rest] = nodes;
      first?.present("alexander", 0);
      await when(() => first?.elsewhere("alexander") === 0);
      assertEquals(first?.elsewhere("burr"), 0);
      await when(() => rest.every((node) => node.elsewhere("alexander") === others(2) - 2));
      for (const node of rest) node.present("alexander", 0);
      await when(() => isKnown(0));
    },
    "brisk",
  );
}

async function* nothing(): AsyncGenerator<never> {}
