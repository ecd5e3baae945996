/** Shrinks a failing history: takes out whatever the failure does not need, and simplifies the rest. */

import { CALM, type Setting } from "./setting.ts";
import type { History, Step } from "./step.ts";

export interface ShrinkOptions {
  /** Plays a candidate. Resolves with true if it fails as the history does. */
  readonly fails: (candidate: History) => Promise<boolean>;
  /** How many candidates are played at most. */
  readonly maxPlays?: number;
}

/** Resolves with the simplest history that was found and still fails. */
export async function shrink(history: History, { fails, maxPlays = 600 }: ShrinkOptions): Promise<History> {
  let smallest = history, playsLeft = maxPlays;

  async function improve(candidate: History): Promise<boolean> {
    if (playsLeft-- <= 0) return false;
    if (!await fails(candidate)) return false;
    smallest = candidate;
    return true;
  }

  for (let size = Infinity; size > sizeOf(smallest) && playsLeft > 0;) {
    size = sizeOf(smallest);
    await removeSteps(() => smallest, improve);
    for (const simplify of SIMPLIFICATIONS) await improve(simplify(smallest));
    for (let tab = smallest.setting.tabs.length - 1; tab >= 0; tab--) {
      await improve(withoutTab(smallest, tab));
    }
    for (let index = smallest.steps.length - 1; index >= 0; index--) {
      for (const step of simplerSteps(smallest.steps[index])) {
        await improve({ ...smallest, steps: smallest.steps.toSpliced(index, 1, step) });
      }
    }
  }
  return smallest;
}

/** Takes out halves, then quarters, and so on to single steps, the last ones first. */
async function removeSteps(
  smallest: () => History,
  improve: (candidate: History) => Promise<boolean>,
): Promise<void> {
  for (let length = Math.ceil(smallest().steps.length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let start = smallest().steps.length - length; start > -length; start -= length) {
      const { steps, setting } = smallest();
      await improve({
        setting,
        steps: steps.toSpliced(Math.max(start, 0), Math.min(length, start + length)),
      });
    }
  }
}

/** What makes a history calmer. */
const SIMPLIFICATIONS: readonly ((history: History) => History)[] = [
  ({ steps, setting }) => ({ steps, setting: { ...setting, nodes: 1 } }),
  ({ steps, setting }) => ({ steps, setting: { ...setting, nodes: Math.min(setting.nodes, 2) } }),
  ...calmer("journal", "retention", "outboxBytes", "maxConnections", "maxConnectionsPerTarget", "queued"),
  ...calmer(
    "registrations",
    "lingerMs",
    "turnMs",
    "latencyMs",
    "linkMs",
    "kernelBytes",
    "bytesPerMs",
    "skewMs",
  ),
  mergeWaits,
  ({ steps, setting }) => {
    const tabs = setting.tabs.map((tab) => ({ ...tab, transport: "websocket" as const, tokenMs: null }));
    return { steps, setting: { ...setting, tabs } };
  },
  ({ steps, setting }) => {
    const tabs = setting.tabs.map((tab) => ({ ...tab, acks: false, start: "new" as const }));
    return { steps, setting: { ...setting, tabs } };
  },
];

function calmer(...names: readonly (keyof Setting)[]): ((history: History) => History)[] {
  return names.map((name) => ({ steps, setting }) => ({
    steps,
    setting: { ...setting, [name]: CALM[name] },
  }));
}

/** Takes out a tab, and its steps with it. */
function withoutTab({ setting, steps }: History, tab: number): History {
  const others = steps.filter((step) => !("tab" in step) || step.tab !== tab);
  return {
    setting: { ...setting, tabs: setting.tabs.toSpliced(tab, 1) },
    steps: others.map((step) => "tab" in step && step.tab > tab ? { ...step, tab: step.tab - 1 } : step),
  };
}

function mergeWaits({ setting, steps }: History): History {
  const merged: Step[] = [];
  for (const step of steps) {
    const last = merged.at(-1);
    if (step.do === "wait" && last?.do === "wait") {
      merged[merged.length - 1] = { do: "wait", ms: last.ms + step.ms };
    } else merged.push(step);
  }
  return { setting, steps: merged };
}

function simplerSteps(step: Step | undefined): Step[] {
  switch (step?.do) {
    case "wait":
      return step.ms > 10 ? [{ ...step, ms: 10 }, { ...step, ms: Math.ceil(step.ms / 2) }] : [];
    case "notify": {
      const { targets, hasIds } = step,
        plain = { do: "notify", targets, hasIds, count: 1, bytes: 0 } as const;
      return [plain, { ...step, hasIds: false }, { ...step, bytes: 0 }, { ...step, count: 1 }, {
        ...step,
        count: Math.ceil(step.count / 2),
      }].filter((one) => JSON.stringify(one) !== JSON.stringify(step));
    }
    case "cut":
      return [{ ...step, silent: false, awayMs: 10 }, { ...step, awayMs: 10 }]
        .filter((one) => JSON.stringify(one) !== JSON.stringify(step));
    default:
      return [];
  }
}

/** Decreases with each simplification that matters. */
function sizeOf({ steps, setting }: History): number {
  return JSON.stringify(steps).length + JSON.stringify(setting).length;
}
