/** Cases: histories by hand. Some have found a fault once, and the others reach what few seeds do. */

import { CALM, type TabSetting } from "./setting.ts";
import type { History, Step } from "./step.ts";

const TAB: TabSetting = {
  target: "alexander",
  transport: "websocket",
  start: "new",
  acks: true,
  tokenMs: null,
};

function wait(...times: readonly number[]): Step[] {
  return times.map((ms) => ({ do: "wait", ms }));
}

function notify(count: number, { bytes = 0, target = "alexander" } = {}): Step {
  return { do: "notify", targets: [target], count, bytes, hasIds: false };
}

/** Few sockets drain as slowly. */
const SLOW = { kernelBytes: 0, bytesPerMs: 1_000 };

export const CASES: Readonly<Record<string, History>> = {
  "a connection opens while its node stops": {
    setting: { ...CALM, latencyMs: 200, tabs: [TAB] },
    steps: [{ do: "open", tab: 0 }, ...wait(5), { do: "stop", node: 0 }, ...wait(2_000)],
  },
  "a tab that has lost something loses more before its first page": {
    setting: {
      ...CALM,
      journal: "store",
      linkMs: 50,
      retention: { ...CALM.retention, perTarget: 3 },
      tabs: [TAB],
    },
    steps: [
      { do: "open", tab: 0 },
      ...wait(500),
      { do: "close", tab: 0 },
      ...wait(10),
      { do: "notify", targets: null, count: 1, bytes: 0, hasIds: false }, // older than what is lost
      notify(10),
      ...wait(500),
      { do: "open", tab: 0 },
      ...wait(50),
      ...Array.from({ length: 20 }, () => [notify(10), ...wait(10)]).flat(),
    ],
  },
  "a tab stalls for longer than a socket may": {
    setting: { ...CALM, ...SLOW, tabs: [TAB] },
    steps: [
      { do: "open", tab: 0 },
      ...wait(10),
      { do: "stall", tab: 0 },
      notify(100, { bytes: 2_000 }),
      notify(100, { bytes: 2_000 }),
      ...wait(1_000, 20_000, 14_000, 2_000, 2_000, 2_000, 2_000, 2_000),
    ],
  },
  "a tab stalls, and its outbox is full": {
    setting: { ...CALM, ...SLOW, outboxBytes: 100_000, tabs: [TAB] },
    steps: [
      { do: "open", tab: 0 },
      ...wait(10),
      { do: "stall", tab: 0 },
      ...[1, 2, 3, 4].flatMap(() => [notify(40, { bytes: 2_000 }), ...wait(600)]),
    ],
  },
  "a slow tab returns to much that it has missed": {
    setting: { ...CALM, ...SLOW, tabs: [TAB] },
    steps: [
      { do: "open", tab: 0 },
      ...wait(10),
      { do: "close", tab: 0 },
      ...[1, 2, 3, 4].map(() => notify(100, { bytes: 2_000 })),
      ...wait(100),
      { do: "open", tab: 0 },
      ...wait(200),
    ],
  },
  "a node stops while a slow tab is behind": {
    setting: { ...CALM, ...SLOW, outboxBytes: 8_000, tabs: [TAB] },
    steps: [{ do: "open", tab: 0 }, ...wait(10), notify(200, { bytes: 2_000 }), ...wait(60), {
      do: "stop",
      node: 0,
    }],
  },
  "a publisher waits for a tab that acks at once": {
    setting: { ...CALM, tabs: [TAB] },
    steps: [
      { do: "open", tab: 0 },
      ...wait(3_000),
      { do: "notify", targets: ["alexander"], count: 1, bytes: 0, hasIds: false, waitSeconds: 10 },
      ...wait(12_000),
    ],
  },
  "an event stream ends before its last acks arrive, and a publisher waits": {
    setting: { ...CALM, tabs: [{ ...TAB, transport: "sse" }] },
    steps: [
      { do: "open", tab: 0 },
      ...wait(40),
      { do: "notify", targets: ["alexander"], count: 1, bytes: 0, hasIds: false, waitSeconds: 30 },
      ...wait(20),
      { do: "freeze", node: 0, ms: 2_000 },
      ...wait(1_000),
      { do: "cut", tab: 0, silent: false, awayMs: 10 },
    ],
  },
  "what a tab misses expires, and the tab returns after its target was forgotten": {
    setting: {
      ...CALM,
      retention: { ...CALM.retention, seconds: 2 },
      lingerMs: 5_000,
      tabs: [TAB, { ...TAB, target: "burr" }],
    },
    steps: [
      { do: "open", tab: 0 },
      ...wait(100),
      { do: "close", tab: 0 },
      ...wait(10),
      notify(1),
      ...wait(2_500),
      notify(1, { target: "burr" }),
      ...wait(4_000),
      { do: "open", tab: 0 },
      ...wait(100),
      notify(1),
    ],
  },
  "what was read is marked as unread, and read again": {
    setting: { ...CALM, tabs: [TAB] },
    steps: [
      { do: "open", tab: 0 },
      ...wait(10),
      notify(5),
      ...wait(100),
      { do: "mark", tab: 0, as: "through", count: 1 },
      ...wait(100),
      { do: "mark", tab: 0, as: "unread", count: 2 },
      ...wait(100),
      { do: "mark", tab: 0, as: "read", count: 2 },
    ],
  },
  "tabs come and go within a turn of a slow node": {
    setting: { ...CALM, turnMs: 30, latencyMs: 0, registrations: 2, tabs: [TAB, TAB, TAB, TAB, TAB, TAB] },
    steps: Array.from({ length: 30 }, (_, round): Step[] => [
      ...[0, 1, 2, 3, 4, 5].map((tab): Step => ({ do: "open", tab })),
      { do: "wait", ms: 3 + round % 5 },
      ...[0, 1, 2, 3, 4, 5].map((tab): Step => ({ do: "close", tab })),
      { do: "wait", ms: 3 },
    ]).flat(),
  },
  "a backend closes many connections of a target at once": {
    setting: { ...CALM, registrations: 2, tabs: Array.from({ length: 12 }, () => TAB) },
    steps: [
      ...Array.from({ length: 12 }, (_, tab): Step => ({ do: "open", tab })),
      ...wait(500),
      { do: "disconnect", target: "alexander" },
      ...wait(500),
    ],
  },
  "a node is suspended while another one accepts more than its queue holds": {
    setting: { ...CALM, nodes: 2, journal: "store", queued: 50, tabs: [TAB, TAB, TAB, TAB] },
    steps: [
      ...[0, 1, 2, 3].map((tab): Step => ({ do: "open", tab })),
      ...wait(100),
      { do: "freeze", node: 0, ms: 3_000 },
      ...Array.from({ length: 12 }, () => [notify(30), ...wait(100)]).flat(),
    ],
  },
};
