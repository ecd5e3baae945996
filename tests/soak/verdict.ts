/** The verdict: whether everything has returned to where it was, and nothing was lost. */

import { FEW, type Figure, FIGURES } from "./figures.ts";
import type { WaveResult } from "./load/wave.ts";
import { type Census, growth } from "./look/census.ts";
import type { Sample, Values } from "./look/observer.ts";
import { MEMORIES } from "./remembered.ts";

export interface FigureVerdict extends Pick<Figure, "title" | "unit"> {
  readonly start: number;
  /** Null: it is known only at rest. */
  readonly highest: number | null;
  readonly end: number;
  readonly hasReturned: boolean;
}

/** A kind of object, or what a Map or Set holds, of which there is more at the end. */
export interface Growth {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Why there may be more; undefined: there may not. */
  readonly reason?: string;
}

export interface Evidence {
  readonly samples: readonly Sample[];
  readonly start: { readonly values: Values; readonly census: Census };
  readonly end: { readonly values: Values; readonly census: Census };
  readonly waves: readonly Pick<WaveResult, "name" | "counts" | "wrong" | "remembered">[];
  /** What did not become empty in time, and what the node has logged as an error. */
  readonly stuck: readonly string[];
  readonly errors: readonly string[];
  /** When the last wave was over, in milliseconds since 1970: what counted then may still be remembered. */
  readonly now: number;
}

export interface Verdict {
  readonly figures: readonly FigureVerdict[];
  readonly collections: readonly Growth[];
  readonly classes: readonly Growth[];
  /** Sentences about everything that must not be. Empty: the node has passed. */
  readonly faults: readonly string[];
}

/** Timers are a figure. Everything consists of these, also what is remembered on purpose, and code that was compiled. Their sum is the heap. */
const GENERAL =
  /^(Timeout|Object|Array|Map|Set|WeakRef|Promise|Generator|ArrayBuffer|(Uint8|Uint32|Float64)Array)$/;

export function judgeSoak({ samples, start, end, waves, stuck, errors, now }: Evidence): Verdict {
  const figures = FIGURES.map((figure) =>
    judgeFigure(figure, { samples, start: start.values, end: end.values })
  );
  const remembered = waves.map((wave) => wave.remembered); // also of the warm-up: the twin had another one
  const collections = growth(start.census.collections, end.census.collections)
    .filter((one) => one.end - one.start > FEW)
    .map((one): Growth => {
      const memory = MEMORIES.find((memory) => memory.collections.test(one.name));
      const isAllowed = memory !== undefined && one.end - one.start <= memory.allowed(remembered, now) + FEW;
      return { ...one, ...isAllowed && { reason: memory.reason } };
    });
  const classes: Growth[] = growth(start.census.objects, end.census.objects)
    .filter((one) => one.end - one.start > FEW && !GENERAL.test(one.name));
  const grown = [...collections, ...classes].filter((one) => one.reason === undefined);
  return {
    ...{ figures, collections, classes },
    faults: [
      ...figures.filter(({ hasReturned }) => !hasReturned)
        .map(({ title, start, end }) => `${title}: ${start} at the start, and ${end} at the end`),
      ...grown.map(({ name, start, end }) => `${name}: ${start} at the start, and ${end} at the end`),
      ...waves.flatMap(faultsOf),
      ...stuck.map((one) => `did not become empty: ${one}`),
      ...errors.map((line) => `the node has logged an error: ${line}`),
    ],
  };
}

function judgeFigure(
  { name, title, unit, tolerance, restOnly }: Figure,
  { samples, start: first, end: last }: { samples: readonly Sample[]; start: Values; end: Values },
): FigureVerdict {
  const start = first[name] ?? NaN, end = last[name] ?? NaN;
  const highest = restOnly ? null : Math.max(...samples.map(({ values }) => values[name] ?? 0));
  return { title, unit, start, highest, end, hasReturned: end <= start + tolerance(start) };
}

function faultsOf({ name, counts, wrong }: Evidence["waves"][number]): string[] {
  const { owed, delivered, doubled, again, told, disordered, findings } = counts;
  const broken = delivered < owed || doubled + again + told > 0;
  return [
    ...broken
      ? [`${name}: ${delivered} of ${owed} delivered, ${doubled} doubled, ${again} again, ${told} told`]
      : [],
    ...disordered > 0 ? [`${name}: ${disordered} came after one with a higher position`] : [],
    ...findings.map((finding) => `${name}: ${finding}`),
    ...wrong.map((one) => `${name}: ${one}`),
  ];
}
