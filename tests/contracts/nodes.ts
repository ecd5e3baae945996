/** The contract of the nodes port, as tests. The test file of each adapter runs them. */

import { assert, assertEquals } from "@std/assert";
import type {
  ConnectedTarget,
  ConnectionInfo,
  Member,
  NodeAnswer,
  Nodes,
  QuestionHandlers,
  QuestionKind,
} from "../../src/cluster/nodes.ts";
import type { Spending, SpendingLedger } from "../../src/cluster/spending.ts";
import type { BrowserMessage } from "../../src/wire/protocol.ts";
import { eventually } from "../eventually.ts";
import { METRICS } from "../metrics/sample_metrics.ts";

/** The nodes of one service, which all know each other. An adapter for several nodes is tested with one and with three. */
export interface TestNodes extends AsyncDisposable {
  /** By the name that a node has in answers. */
  readonly nodes: ReadonlyMap<string, Nodes>;
  /** The errors that the nodes have reported. */
  readonly reported: readonly unknown[];
}

/** With `calm`, a slow node is never taken for one that has left. With `brisk`, nodes soon report their changes. */
export type Timing = "calm" | "brisk";

/** Creates nodes that already know each other, all with the same number of connections and the same capacity. */
export type CreateNodes = (load: Omit<Member, "node">, timing: Timing) => Promise<TestNodes>;

const LOAD = { connections: 3, capacity: 10 };
const COUNTS = {
  acceptedAt: null,
  sent: 2,
  acked: 1,
  firstAckMs: null,
  read: 3,
  firstReadAt: 4,
  push: { dueAt: 9, sent: 1, failed: 2, gone: 3 },
};
const CONNECTION: ConnectionInfo = {
  id: "c",
  transport: "sse",
  connectedAt: Date.UTC(1804, 6, 11, 7),
  behind: true,
};

const CONNECTED: ConnectedTarget = { target: "", connections: { websocket: 2, sse: 1 } };

/** Handlers that answer with what was asked. A test replaces some of them. */
function handlers(own: Partial<QuestionHandlers> = {}): QuestionHandlers {
  return {
    connections: ({ target }) => Promise.resolve([{ ...CONNECTION, id: target }]),
    seen: ({ target }) => Promise.resolve(target === "alexander" ? 1_700_000_000_000 : null),
    targets: ({ after, limit }) => Promise.resolve([{ ...CONNECTED, target: after + limit }]),
    disconnect: ({ target }) => Promise.resolve(target.length),
    erase: ({ target }) => target === "alexander" ? Promise.resolve(null) : Promise.reject(new Error(target)),
    reports: ({ ids }) => Promise.resolve(ids.map((id) => ({ id, ...COUNTS }))),
    acks: () => Promise.resolve(null),
    receive: ({ connection }) => Promise.resolve(connection === "tablet" ? "accepted" : "not-found"),
    metrics: () => Promise.resolve(METRICS),
    ...own,
  };
}

const MESSAGE: BrowserMessage = { type: "ack", ids: ["a", "b"] };

function never(): Promise<never> {
  return new Promise(() => {});
}

/** Collects all answers, in the order of the nodes' names. */
async function all<K extends QuestionKind>(asked: AsyncIterable<NodeAnswer<K>>): Promise<NodeAnswer<K>[]> {
  return (await Array.fromAsync(asked)).toSorted((a, b) => a.node < b.node ? -1 : 1);
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function nodesContract(
  name: string,
  create: CreateNodes,
  register: (name: string, test: () => Promise<void>) => void = Deno.test,
): void {
  function test(
    behaviour: string,
    run: (service: TestNodes) => Promise<void>,
    timing: Timing = "calm",
  ): void {
    register(`${name} ${behaviour}`, async () => {
      await using service = await create(LOAD, timing);
      await run(service);
    });
  }

  /** Makes every node answer. Returns a function that creates the answers expected of all of them. */
  function serveAll(
    { nodes }: TestNodes,
    own: Partial<QuestionHandlers> = {},
  ): <const G>(value: G) => { node: string; value: G }[] {
    for (const node of nodes.values()) node.serve(handlers(own));
    return (value) => [...nodes.keys()].toSorted().map((node) => ({ node, value }));
  }

  test("asks every node and returns all answers, whichever node asks", async (service) => {
    const fromAll = serveAll(service);
    for (const nodes of service.nodes.values()) {
      const target = "alexander";
      assertEquals(
        await all(nodes.ask({ kind: "connections", target })),
        fromAll([{ ...CONNECTION, id: target }]),
      );
      assertEquals(
        await all(nodes.ask({ kind: "targets", after: target, limit: 5 })),
        fromAll([{ ...CONNECTED, target: "alexander5" }]),
      );
      assertEquals(await all(nodes.ask({ kind: "disconnect", target })), fromAll(9));
      assertEquals(
        await all(nodes.ask({ kind: "reports", ids: ["a", "b"] })),
        fromAll(["a", "b"].map((id) => ({ id, ...COUNTS }))),
      );
      assertEquals(await all(nodes.ask({ kind: "acks", notifications: [], withinMs: 0 })), fromAll(null));
      const posted = { kind: "receive", target, connection: "tablet", messages: [] } as const;
      assertEquals(await all(nodes.ask({ ...posted, messages: [MESSAGE] })), fromAll("accepted"));
      assertEquals(await all(nodes.ask({ kind: "metrics" })), fromAll(METRICS));
      const elsewhere = { ...posted, connection: "laptop", messages: [MESSAGE] };
      assertEquals(await all(nodes.ask(elsewhere)), fromAll("not-found"));
    }
  });

  test("passes on what a browser posted unchanged, and the reason of a refusal", async (service) => {
    const messages = [MESSAGE, { type: "message", data: { "": [null, 1.5, "é🗽\u2028"] } }] as const;
    const refusal = { kind: "too-many-requests", detail: "é", headers: { "retry-after": "5" } } as const;
    const asked: unknown[] = [];
    const fromAll = serveAll(service, {
      receive(question) {
        asked.push(question);
        return Promise.resolve(refusal);
      },
    });
    for (const nodes of service.nodes.values()) {
      const question = { kind: "receive", target: "a b", connection: "*.>", messages } as const;
      assertEquals(await all(nodes.ask(question)), fromAll(refusal));
      assertEquals(asked.splice(0), fromAll(question).map(({ value }) => value));
    }
  });

  test("passes on as many connections as a node can have", async (service) => {
    const connections = Array.from({ length: 50_000 }, () => ({ ...CONNECTION, id: crypto.randomUUID() }));
    const fromAll = serveAll(service, { connections: () => Promise.resolve(connections) });
    for (const nodes of [...service.nodes.values()].slice(0, 1)) {
      const answered = await all(nodes.ask({ kind: "connections", target: "alexander" }));
      assertEquals(answered.length, fromAll(0).length);
      for (const answer of answered) {
        assert("value" in answer && JSON.stringify(answer.value) === JSON.stringify(connections));
      }
    }
  });

  test("passes on questions and answers unchanged, whatever they contain", async (service) => {
    const asked: unknown[] = [];
    const unusual = ["", '"\\', "a.b.*.>", "é🗽 \t", "\u2028", "x".repeat(128)];
    const connections = unusual.map((id) => ({ ...CONNECTION, id }));
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
      for (const target of unusual) {
        assertEquals(await all(nodes.ask({ kind: "connections", target })), fromAll(connections));
        assertEquals(asked.splice(0), fromAll(target).map(({ value }) => value));
      }
      const notifications = unusual.map((target) => (
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
      assertEquals(asked.splice(0), fromAll(question).map(({ value }) => value));
    }
  });

  test("passes on as many notifications as a request can have", async (service) => {
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

  test("answers many concurrent questions, of which none waits for another", async (service) => {
    const fromAll = serveAll(service, { acks: never });
    for (const nodes of service.nodes.values()) {
      const controller = new AbortController();
      const waiting = all(nodes.ask({ kind: "acks", notifications: [], withinMs: 0 }, controller.signal));
      const targets = Array.from({ length: 100 }, (_, n) => "x".repeat(n + 1));
      const answered = await Promise.all(
        targets.map((target) => all(nodes.ask({ kind: "disconnect", target }))),
      );
      assertEquals(answered, targets.map(({ length }) => fromAll(length)));
      controller.abort();
      assertEquals(await waiting, []);
    }
  });

  test("yields each answer as soon as it arrives, and ends when all nodes have answered", async (service) => {
    const gates = [...service.nodes.values()].map((nodes) => {
      const gate = Promise.withResolvers<null>();
      nodes.serve(handlers({ acks: () => gate.promise }));
      return gate;
    });
    for (const nodes of [...service.nodes.values()].slice(0, 1)) {
      const answering = nodes.ask({ kind: "acks", notifications: [], withinMs: 0 })[Symbol.asyncIterator]();
      const answered = new Set<string>();
      for (const gate of gates) {
        gate.resolve(null);
        const { value, done } = await answering.next();
        assert(!done && "value" in value);
        answered.add(value.node);
      }
      assertEquals(answered, new Set(service.nodes.keys()));
      assertEquals((await answering.next()).done, true);
    }
  });

  test("yields a failure for a node that fails, which reports the error, and asks it again next time", async (service) => {
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
      service.nodes.get(failing)?.serve(handlers({ disconnect }));
      const before = service.reported.length;
      for (const nodes of service.nodes.values()) {
        const answered = await all(nodes.ask({ kind: "disconnect", target: "a" }));
        assertEquals(answered.map(({ node }) => node), fromAll(1).map(({ node }) => node));
        for (const answer of answered) assertEquals("error" in answer, answer.node === failing);
        const others = await all(nodes.ask({ kind: "reports", ids: [] }));
        assertEquals(others, fromAll([]));
      }
      assertEquals(service.reported.length - before, service.nodes.size);
    }
  });

  test("ends at once, without an error, when the signal aborts, and aborts the handlers", async (service) => {
    for (const nodes of service.nodes.values()) {
      const aborted: Promise<void>[] = [];
      const asked = Promise.withResolvers<void>();
      serveAll(service, {
        acks(_, signal) {
          aborted.push(new Promise((resolve) => signal.addEventListener("abort", () => resolve())));
          if (aborted.length === service.nodes.size) asked.resolve();
          return never();
        },
      });
      const controller = new AbortController();
      const question = { kind: "acks", notifications: [], withinMs: 60_000 } as const;
      const answering = all(nodes.ask(question, controller.signal));
      await asked.promise;
      controller.abort();
      assertEquals(await answering, []);
      await Promise.all(aborted);
      assertEquals(
        await all(nodes.ask(question, controller.signal)),
        [],
        "the signal aborted before the question",
      );
      assertEquals(aborted.length, service.nodes.size, "no node was asked");
    }
  });

  test("ends when the caller stops iterating, and answers the next question", async (service) => {
    const fromAll = serveAll(service);
    for (const nodes of service.nodes.values()) {
      for await (const { node } of nodes.ask({ kind: "disconnect", target: "a" })) {
        assert(service.nodes.has(node));
        break;
      }
      assertEquals(await all(nodes.ask({ kind: "disconnect", target: "b" })), fromAll(1));
    }
  });

  test("asks nothing before it is iterated", async (service) => {
    let asked = 0;
    serveAll(service, { disconnect: () => Promise.resolve(++asked) });
    for (const nodes of service.nodes.values()) nodes.ask({ kind: "disconnect", target: "a" });
    await all([...service.nodes.values()][0]?.ask({ kind: "reports", ids: [] }) ?? nothing());
    assertEquals(asked, 0);
  });

  test("yields a failure for nodes that do not serve yet", async (service) => {
    for (const nodes of service.nodes.values()) {
      for (const answer of await all(nodes.ask({ kind: "disconnect", target: "a" }))) {
        assert("error" in answer);
      }
    }
  });

  test("lists all members with their load, its own node first", (service) => {
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
    "knows how many connections a target has on other nodes while it has some itself",
    async (service) => {
      const nodes = [...service.nodes.values()];
      const others = (count: number) => count * (nodes.length - 1);
      const isKnown = (count: number) =>
        nodes.every((node) => node.connectionsElsewhere("alexander") === others(count));
      for (const count of [1, 3, 2]) {
        for (const node of nodes) node.announce("alexander", count);
        await eventually(() => isKnown(count));
      }
      const [first, ...rest] = nodes;
      first?.announce("alexander", 0);
      await eventually(() => first?.connectionsElsewhere("alexander") === 0);
      assertEquals(first?.connectionsElsewhere("burr"), 0);
      await eventually(() => rest.every((node) => node.connectionsElsewhere("alexander") === others(2) - 2));
      for (const node of rest) node.announce("alexander", 0);
      await eventually(() => isKnown(0));
    },
    "brisk",
  );

  test(
    "tells every other node once what was spent of limits, and its own node nothing",
    async (service) => {
      const ledgers = [...service.nodes.values()].map((nodes) => {
        const ledger = new TestLedger();
        nodes.shareSpending(ledger);
        return ledger;
      });
      for (const round of [1, 10, 100]) {
        for (const [index, ledger] of ledgers.entries()) ledger.spend(round * (index + 1));
        const total = ledgers.reduce((sum, { requests }) => sum + requests, 0);
        await eventually(() =>
          ledgers.every(({ requests, requestsElsewhere }) => requestsElsewhere === total - requests)
        );
      }
      for (const { heard } of ledgers) {
        for (const { limit, of } of heard) assertEquals([limit, of], ["key-requests", "web-1.eu"]);
      }
      assertEquals(service.reported, []);
    },
    "brisk",
  );
}

/** What is spent of a limit on one node, and what that node hears of the others. */
class TestLedger implements SpendingLedger {
  readonly heard: Spending[] = [];
  /** Of this node. */
  requests = 0;
  readonly #spent: Spending[] = [];

  spend(requests: number): void {
    this.requests += requests;
    this.#spent.push({ limit: "key-requests", of: "web-1.eu", count: requests });
  }

  takeSpent(): readonly Spending[] {
    return this.#spent.splice(0);
  }

  receive(spending: readonly Spending[], withinMs: number): void {
    assert(withinMs > 0);
    this.heard.push(...spending);
  }

  get requestsElsewhere(): number {
    return this.heard.reduce((sum, { count }) => sum + count, 0);
  }
}

async function* nothing(): AsyncGenerator<never> {}
