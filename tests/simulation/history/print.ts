/** Prints a history as a program, which can be put into a test. */

import { CALM } from "./setting.ts";
import type { History } from "./step.ts";

/**
 * The text of a program that plays the history.
 *
 * ```ts
 * import { CALM } from "./setting.ts";
 * import { assertEquals } from "@std/assert";
 * const history = { setting: { ...CALM, seed: 7 }, steps: [{ do: "wait", ms: 10 }] } as const;
 * assertEquals(printHistory(history), `await play({
 *   setting: { ...CALM, seed: 7 },
 *   steps: [
 *     { do: "wait", ms: 10 },
 *   ],
 * });`);
 * ```
 */
export function printHistory({ setting, steps }: History): string {
  const calm = new Map(Object.entries(CALM).map(([name, value]) => [name, JSON.stringify(value)]));
  const { tabs, ...others } = setting;
  const differences = Object.entries(others).filter(([name, value]) =>
    name === "seed" || calm.get(name) !== JSON.stringify(value)
  );
  const properties = ["...CALM", ...differences.map(([name, value]) => `${name}: ${literal(value)}`)];
  const one = `{ ${properties.join(", ")} }`;
  const tabLines = tabs.map((tab) => `      ${literal(tab)},`);
  const settingText = tabs.length === 0
    ? `  setting: ${one},`
    : [`  setting: {`, `    ${properties.join(", ")},`, `    tabs: [`, ...tabLines, `    ],`, `  },`].join(
      "\n",
    );
  const stepLines = steps.map((step) => `    ${literal(step)},`);
  return ["await play({", settingText, "  steps: [", ...stepLines, "  ],", "});"].join("\n");
}

/** A value as a literal of TypeScript, with spaces as `deno fmt` sets them. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([name, one]) => `${name}: ${literal(one)}`).join(", ")} }`;
}
