/** Generates the history of a seed: a setting, and steps that suit it. */

import { Random } from "../runtime/random.ts";
import { CALM, type Setting, type TabSetting } from "./setting.ts";
import type { History, NotifyStep, Step } from "./step.ts";

const TARGETS = ["alexander", "burr", "eliza"];
const MAX_STEPS = 60;

export function generateHistory(seed: number): History {
  const random = new Random(seed, "history"), setting = generateSetting(seed, random);
  const opened = setting.tabs.map((_, tab): Step => ({ do: "open", tab }));
  const steps = Array.from({ length: 10 + random.below(MAX_STEPS) }, () => generateSteps(setting, random));
  return { setting, steps: [...opened, { do: "wait", ms: 100 }, ...steps.flat()] };
}

function generateSetting(seed: number, random: Random): Setting {
  const nodes = random.pick(1, 1, 2, 3);
  const isCrowd = nodes > 1 && random.isOneOf(5);
  const isSmall = random.isOneOf(3); // the limits matter
  const hasSlowTurns = random.isOneOf(4);
  const tabs = Array.from(
    { length: isCrowd ? 30 + random.below(20) : 2 + random.below(8) },
    () => generateTab(random),
  );
  return {
    ...CALM,
    seed,
    nodes,
    journal: nodes === 1 && random.isOneOf(2) ? "memory" : "store",
    retention: generateRetention(random),
    outboxBytes: random.pick(1024 * 1024, 100_000, 8_000),
    maxConnections: isSmall ? 2 + random.below(10) : 1_000,
    maxConnectionsPerTarget: isSmall ? 1 + random.below(5) : 100,
    queued: random.pick(16_384, 16_384, 400, 60),
    registrations: random.pick(1_024, 1_024, 2),
    lingerMs: random.pick(5_000, 300),
    turnMs: hasSlowTurns ? random.between(2, 30) : 0.5,
    latencyMs: random.pick(0, 3, 30, 200),
    linkMs: random.pick(0, 1, 10, 50),
    kernelBytes: random.pick(0, 16, 64, 400) * 1024,
    bytesPerMs: random.pick(1_000_000, 10_000, 1_000),
    skewMs: random.pick(0, 0, 0, 2_000),
    tabs,
  };
}

function generateRetention(random: Random): Setting["retention"] {
  return {
    seconds: random.pick(3_600, 3_600, 3_600, 60, 10, 2),
    perTarget: random.pick(1_000, 1_000, 1_000, 20, 3),
    bytes: random.pick(16, 16, 16, 0.1, 0.02) * 1024 * 1024,
  };
}

function generateTab(random: Random): TabSetting {
  return {
    target: random.pick("alexander", "alexander", "burr", "eliza"),
    transport: random.pick("websocket", "websocket", "sse"),
    start: random.pick("new", "new", "earliest", "inbox"),
    acks: !random.isOneOf(4),
    tokenMs: random.isOneOf(3) ? 1_500 + random.small(45_000) : null,
  };
}

/** Mostly one step with a pause behind it. */
function generateSteps(setting: Setting, random: Random): Step[] {
  const { nodes, tabs } = setting, tab = random.below(tabs.length), node = random.below(nodes);
  const target = random.pick("alexander", ...TARGETS);
  const isStore = setting.journal === "store" ? 1 : 0;
  const step = random.weighted<() => Step>([
    [24, () => generateNotify(random)],
    [4, () => ({ do: "repeat", back: random.small(5) })],
    [6, () => ({ do: "cut", tab, silent: random.isOneOf(3), awayMs: random.small(20_000) })],
    [3, () => ({ do: "close", tab })],
    [5, () => ({ do: "open", tab })],
    [6, () => ({ do: "stall", tab })],
    [5, () => ({ do: "flow", tab })],
    [
      8,
      () => ({
        do: "mark",
        tab,
        as: random.pick("read", "read", "unread", "through"),
        count: 1 + random.small(9),
      }),
    ],
    [1, () => ({ do: "mark all", target })],
    [3, () => ({ do: "gap", node, target: random.isOneOf(4) ? null : target })],
    [1, () => ({ do: "freeze", node, ms: random.small(20_000) })],
    [isStore, () => ({ do: "isolate", node })],
    [2 * isStore, () => ({ do: "heal", node })],
    [1, () => ({ do: "stop", node })],
    [0.7, () => ({ do: "kill", node })],
    [2, () => ({ do: "start", node })],
    [1, () => ({ do: "disconnect", target })],
    [3, () => ({ do: "wait", ms: 1_000 + random.small(40_000) })],
  ])?.() ?? { do: "wait", ms: 1 };
  if (random.isOneOf(30)) return blink(tab, random);
  return random.isOneOf(4) ? [step] : [step, { do: "wait", ms: random.small(1_500) }];
}

/** A tab comes and goes within a few turns of its node. */
function blink(tab: number, random: Random): Step[] {
  const wait = (): Step => ({ do: "wait", ms: random.between(0, 6) });
  return [{ do: "close", tab }, wait(), { do: "open", tab }, wait(), { do: "close", tab }, wait(), {
    do: "open",
    tab,
  }];
}

function generateNotify(random: Random): NotifyStep {
  const isBurst = random.isOneOf(6);
  return {
    do: "notify",
    targets: random.isOneOf(6) ? null : random.isOneOf(4) ? TARGETS : [random.pick("alexander", ...TARGETS)],
    count: isBurst ? 1 + random.below(100) : 1 + random.small(4),
    bytes: random.pick(0, 0, 100, isBurst ? 2_000 : 30_000),
    ...(random.isOneOf(6) && { ttl: random.pick(0, 0, 1, 30) }),
    ...(random.isOneOf(6) && { topic: random.pick("weather", "sport") }),
    hasIds: random.isOneOf(2),
    ...(random.isOneOf(5) && { waitSeconds: random.pick(3, 10, 30) }),
  };
}
