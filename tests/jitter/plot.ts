/** The picture: what share of the messages, and of the reconnects, was complete after which time. */

import { chartOf, logarithmic } from "../bench/chart.ts";
import { pictureOf } from "../bench/picture.ts";
import type { Svg } from "../bench/svg.ts";
import { TITLES } from "./contestants.ts";
import { STEPS_MS } from "./load/plan.ts";
import type { Summary } from "./summary.ts";

const LABEL =
  "The share of all messages that had arrived, by the time since they were published, and the share of all " +
  "reconnects that had brought everything that was missed, by the time since their start";

const TIMES = [[1, "1 ms"], [10, "10 ms"], [100, "100 ms"], [1_000, "1 s"], [10_000, "10 s"]] as const;

/** Returns an SVG document. */
export function plotOf(summaries: readonly Summary[]): string {
  const share = { title: "Messages that had arrived", time: "since they were published" };
  const replay = { title: "Reconnects that had brought what was missed", time: "since they began" };
  return pictureOf({
    label: LABEL,
    charts: [
      distribution(share, { percents: [80, 85, 90, 95, 100], lines: summaries.map((one) => one.agesWithin) }),
      distribution(replay, {
        percents: [0, 25, 50, 75, 100],
        lines: summaries.map((one) => one.replaysWithin),
      }),
    ],
    servers: summaries.map(({ name }) => TITLES[name]),
  });
}

interface Curves {
  readonly percents: readonly number[];
  /** For each server, the share within each of `STEPS_MS`. */
  readonly lines: readonly (readonly number[])[];
}

function distribution({ title, time }: { title: string; time: string }, { percents, lines }: Curves): Svg {
  return chartOf({
    title,
    x: { title: time, ticks: TIMES.map(([value, label]) => ({ value, label })), scale: logarithmic },
    y: {
      title: "",
      ticks: percents.map((value) => ({ value, label: `${value} %` })),
      scale: (value) => value,
    },
    lines: lines.map((shares, index) => ({
      className: `s${index}`,
      points: STEPS_MS.map((step, at) => [step, 100 * (shares[at] ?? 0)] as const),
    })),
  });
}
