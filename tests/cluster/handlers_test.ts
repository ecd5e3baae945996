/** Tests createHandlers: what a node answers about its connections and reports, and how it closes connections. */

import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { createHandlers, type DismissibleConnection } from "../../src/cluster/handlers.ts";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import { reportLimits } from "../../src/reports/report_limits.ts";
import { Reports } from "../../src/reports/reports.ts";
import { METRICS } from "../metrics/sample_metrics.ts";

const NOW = Date.UTC(1804, 6, 11, 7);
const metrics = { read: () => Promise.resolve(METRICS) };
const seenAt = (target: string) => target === "alexander" ? NOW : null;
const NEVER_ABORTED = new AbortController().signal;

class Tab implements DismissibleConnection {
  readonly transport = "websocket";
  readonly connectedAt = NOW;
  readonly outbox = new Outbox(null, { maxBytes: 1 });
  readonly dismissals: Close[] = [];
  readonly pump = {
    reached: "p0",
    flush() {},
    finish: () => Promise.resolve(),
    dismiss: (close: Close) => Promise.resolve(void this.dismissals.push(close)),
  };

  constructor(readonly id: string, readonly target = "alexander") {}
}

const scanTargets = () => Promise.reject(new Error("this test should not list targets"));
const erase = () => Promise.resolve();

/** @param turns the tabs that the hub has at each query; at later queries, it has the last ones */
function setUp(...turns: readonly (readonly Tab[])[]) {
  const queries: (string | null)[] = [];
  const connectionsOf = (target: string | null) => {
    const tabs = turns[Math.min(queries.push(target), turns.length) - 1] ?? [];
    return Promise.resolve(tabs.filter((tab) => target === null || tab.target === target));
  };
  const limits = reportLimits({ seconds: 3_600 });
  const reports = new Reports({ limits, acceptedAt: () => NOW, now: () => NOW });
  const receive = () => Promise.reject(new Error("this test should not post messages"));
  return {
    handlers: createHandlers({ connectionsOf, seenAt, scanTargets, reports, receive, erase, metrics }),
    reports,
    queries,
  };
}

function awaited(id: string, target: string | null = "alexander") {
  return { id, acceptedAt: NOW, target, position: "p1", expiresAt: NOW + 1 };
}

async function isAnswered(answer: Promise<unknown>): Promise<boolean> {
  const notYet = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return await Promise.race([answer.then(() => true), notYet]);
}

Deno.test("createHandlers lists the target's connections, and says which of them are behind", async () => {
  const [live, behind] = [new Tab("live"), new Tab("behind")];
  live.outbox.beginPage();
  live.outbox.endPage({ next: "p0", more: false });
  const { handlers } = setUp([live, behind, new Tab("other", "burr")]);
  const common = { transport: "websocket", connectedAt: NOW };
  const question = { kind: "connections", target: "alexander" } as const;
  assertEquals<unknown>(await handlers.connections(question, NEVER_ABORTED), [
    { id: "live", ...common, behind: false },
    { id: "behind", ...common, behind: true },
  ]);
});

Deno.test("createHandlers returns reports in the order of the ids, with null for an unknown id", async () => {
  const { handlers, reports } = setUp();
  reports.accepted("a", NOW);
  const [unknown, known] = await handlers.reports({ kind: "reports", ids: ["b", "a"] }, NEVER_ABORTED);
  assertEquals([unknown, known?.id], [null, "a"]);
});

Deno.test("createHandlers closes the connections of a target, and answers after the hub has removed them", async () => {
  const [one, two, other, later] = [new Tab("1"), new Tab("2"), new Tab("3", "burr"), new Tab("4")];
  const { handlers, queries } = setUp([one, two, other], [one, two, other, later], [two, other, later], [
    other,
    later,
  ]);
  const question = { kind: "disconnect", target: "alexander" } as const;
  assertEquals(await handlers.disconnect(question, NEVER_ABORTED), 2);
  assertEquals(queries.length, 4);
  assertEquals([one, two, other, later].map(({ dismissals }) => dismissals), [
    [CLOSE.disconnected],
    [CLOSE.disconnected],
    [],
    [],
  ]);
});

Deno.test("createHandlers answers when everything is acked, and queries each target once", async () => {
  const [one, two] = [new Tab("1"), new Tab("2", "burr")];
  const { handlers, reports, queries } = setUp([one, two]);
  const notifications = [awaited("a"), awaited("b"), awaited("a", "burr"), awaited("c", null)];
  const answer = handlers.acks({ kind: "acks", notifications, withinMs: 60_000 }, NEVER_ABORTED);
  assertEquals(await isAnswered(answer), false);
  assertEquals(queries, ["alexander", "burr", null]);
  const sent = notifications.map(({ id, position }) => ({ id, target: null, position, text: "", bytes: 0 }));
  for (const { id } of [one, two]) {
    reports.sent(sent, id);
    assertEquals(await isAnswered(answer), false);
    reports.acked(["a", "b", "c"], id);
  }
  assertEquals(await answer, null);
});

Deno.test("createHandlers answers a wait for acks when its time is over", async () => {
  using time = new FakeTime();
  const { handlers } = setUp([new Tab("1")]);
  const question = { kind: "acks", notifications: [awaited("a")], withinMs: 10_000 } as const;
  const answer = handlers.acks(question, NEVER_ABORTED);
  assertEquals(await isAnswered(answer), false);
  time.tick(9_999);
  assertEquals(await isAnswered(answer), false);
  time.tick(1);
  assertEquals(await answer, null);
});

Deno.test("createHandlers stops waiting for acks when the signal aborts", async () => {
  const { handlers } = setUp([new Tab("1")]);
  const asking = new AbortController();
  const question = { kind: "acks", notifications: [awaited("a")], withinMs: 60_000 } as const;
  const answer = handlers.acks(question, asking.signal);
  assertEquals(await isAnswered(answer), false);
  asking.abort();
  await answer;
});

Deno.test("createHandlers rejects with the hub's error", async () => {
  const { reports } = setUp();
  const connectionsOf = () => Promise.reject(new Error("the hub has ended"));
  const receive = () => Promise.resolve("accepted" as const);
  const handlers = createHandlers({ connectionsOf, seenAt, scanTargets, reports, receive, erase, metrics });
  const question = { kind: "acks", notifications: [awaited("a")], withinMs: 60_000 } as const;
  await assertRejects(() => handlers.acks(question, NEVER_ABORTED), Error, "the hub has ended");
});

Deno.test("createHandlers answers with the outcome of messages that were posted for a connection", async () => {
  const { reports } = setUp();
  const posted: unknown[] = [];
  const { receive } = createHandlers({
    scanTargets,
    connectionsOf: () => Promise.resolve([]),
    seenAt,
    reports,
    erase,
    metrics,
    receive(question) {
      posted.push(question);
      return Promise.resolve("accepted");
    },
  });
  const question = { kind: "receive", target: "alexander", connection: "tablet", messages: [] } as const;
  assertEquals(await receive(question, NEVER_ABORTED), "accepted");
  assertEquals(posted, [question]);
});

Deno.test("createHandlers answers with when the target last had a connection on the node", async () => {
  const { seen } = setUp().handlers;
  assertEquals(await seen({ kind: "seen", target: "alexander" }, NEVER_ABORTED), NOW);
  assertEquals(await seen({ kind: "seen", target: "burr" }, NEVER_ABORTED), null);
});

Deno.test("createHandlers answers with the node's metrics", async () => {
  const { handlers } = setUp();
  assertEquals(await handlers.metrics({ kind: "metrics" }, NEVER_ABORTED), METRICS);
});

Deno.test("createHandlers erases a target, and answers when that is done", async () => {
  const { reports } = setUp(), erased: string[] = [];
  const handlers = createHandlers({
    connectionsOf: () => Promise.resolve([]),
    seenAt,
    scanTargets,
    reports,
    metrics,
    receive: () => Promise.resolve("accepted"),
    erase: (target) => Promise.resolve(void erased.push(target)),
  });
  assertEquals(await handlers.erase({ kind: "erase", target: "alexander" }, NEVER_ABORTED), null);
  assertEquals(erased, ["alexander"]);
});
