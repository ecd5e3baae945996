/** answersFrom: what a node says of its connections and reports, and how it sends connections away. */

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
const NOBODY = new AbortController().signal;

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

/** A node whose hub has these tabs, after each of a number of turns. */
function node(...turns: readonly (readonly Tab[])[]) {
  const asked: (string | null)[] = [];
  const connectionsOf = (target: string | null) => {
    const tabs = turns[Math.min(asked.push(target), turns.length) - 1] ?? [];
    return Promise.resolve(tabs.filter((tab) => target === null || tab.target === target));
  };
  const limits = reportLimits({ seconds: 3_600 });
  const reports = new Reports({ limits, acceptedAt: () => NOW, now: () => NOW });
  const receive = () => Promise.reject(new Error("No test here was to come so far"));
  return { answers: createHandlers({ connectionsOf, reports, receive, metrics }), reports, asked };
}

function awaited(id: string, target: string | null = "alexander") {
  return { id, acceptedAt: NOW, target, position: "p1", expiresAt: NOW + 1 };
}

/** Whether it is answered, now. */
async function isAnswered(answer: Promise<unknown>): Promise<boolean> {
  const notYet = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return await Promise.race([answer.then(() => true), notYet]);
}

Deno.test("answersFrom tells of the target's connections, and which of them are behind", async () => {
  const [live, behind] = [new Tab("live"), new Tab("behind")];
  live.outbox.beginPage();
  live.outbox.endPage({ next: "p0", more: false });
  const { answers } = node([live, behind, new Tab("other", "burr")]);
  const seen = { transport: "websocket", connectedAt: NOW };
  assertEquals<unknown>(await answers.connections({ kind: "connections", target: "alexander" }, NOBODY), [
    { id: "live", ...seen, behind: false },
    { id: "behind", ...seen, behind: true },
  ]);
});

Deno.test("answersFrom tells of reports in the order of the ids, with null for what is not known", async () => {
  const { answers, reports } = node();
  reports.accepted("a", NOW);
  const [unknown, known] = await answers.reports({ kind: "reports", ids: ["b", "a"] }, NOBODY);
  assertEquals([unknown, known?.id], [null, "a"]);
});

Deno.test("answersFrom dismisses the connections of a target, and answers when the hub has forgotten those", async () => {
  const [one, two, other, later] = [new Tab("1"), new Tab("2"), new Tab("3", "burr"), new Tab("4")];
  const { answers, asked } = node([one, two, other], [one, two, other, later], [two, other, later], [
    other,
    later,
  ]);
  assertEquals(await answers.disconnect({ kind: "disconnect", target: "alexander" }, NOBODY), 2);
  assertEquals(asked.length, 4);
  assertEquals([one, two, other, later].map(({ dismissals }) => dismissals), [
    [CLOSE.disconnected],
    [CLOSE.disconnected],
    [],
    [],
  ]);
});

Deno.test("answersFrom answers that all is acked when it is, having asked for each target once", async () => {
  const [one, two] = [new Tab("1"), new Tab("2", "burr")];
  const { answers, reports, asked } = node([one, two]);
  const notifications = [awaited("a"), awaited("b"), awaited("a", "burr"), awaited("c", null)];
  const answer = answers.acks({ kind: "acks", notifications, withinMs: 60_000 }, NOBODY);
  assertEquals(await isAnswered(answer), false);
  assertEquals(asked, ["alexander", "burr", null]);
  const sent = notifications.map(({ id, position }) => ({ id, target: null, position, text: "", bytes: 0 }));
  for (const { id } of [one, two]) {
    reports.sent(sent, id);
    assertEquals(await isAnswered(answer), false);
    reports.acked(["a", "b", "c"], id);
  }
  assertEquals(await answer, null);
});

Deno.test("answersFrom answers that all is acked when the time is over", async () => {
  using time = new FakeTime();
  const { answers } = node([new Tab("1")]);
  const question = { kind: "acks", notifications: [awaited("a")], withinMs: 10_000 } as const;
  const answer = answers.acks(question, NOBODY);
  assertEquals(await isAnswered(answer), false);
  time.tick(9_999);
  assertEquals(await isAnswered(answer), false);
  time.tick(1);
  assertEquals(await answer, null);
});

Deno.test("answersFrom waits for no acks any more when nobody waits for the answer", async () => {
  const { answers } = node([new Tab("1")]);
  const asking = new AbortController();
  const question = { kind: "acks", notifications: [awaited("a")], withinMs: 60_000 } as const;
  const answer = answers.acks(question, asking.signal);
  assertEquals(await isAnswered(answer), false);
  asking.abort();
  await answer;
});

Deno.test("answersFrom fails as the hub does", async () => {
  const { reports } = node();
  const connectionsOf = () => Promise.reject(new Error("the hub has ended"));
  const receive = () => Promise.resolve("taken" as const);
  const answers = createHandlers({ connectionsOf, reports, receive, metrics });
  const question = { kind: "acks", notifications: [awaited("a")], withinMs: 60_000 } as const;
  await assertRejects(() => answers.acks(question, NOBODY), Error, "the hub has ended");
});

Deno.test("answersFrom answers what became of what was posted for a connection here", async () => {
  const { reports } = node();
  const posted: unknown[] = [];
  const { received } = createHandlers({
    connectionsOf: () => Promise.resolve([]),
    reports,
    metrics,
    receive(question) {
      posted.push(question);
      return Promise.resolve("taken");
    },
  });
  const question = { kind: "received", target: "alexander", connection: "tablet", messages: [] } as const;
  assertEquals(await received(question, NOBODY), "taken");
  assertEquals(posted, [question]);
});

Deno.test("answersFrom answers with what is measured", async () => {
  const { answers } = node();
  assertEquals(await answers.metrics({ kind: "metrics" }, NOBODY), METRICS);
});
