/** The result of a soak as text: a plot, and a table of all figures. */

import type { SoakResult } from "../soak.ts";
import type { FigureVerdict, Growth, Verdict } from "../verdict.ts";
import { type TextLine, textPlot } from "./text_plot.ts";

const MEBIBYTE = 1024 * 1024;

export function textReport({ samples, waves, rests, cpuShare }: SoakResult, verdict: Verdict): string {
  const valuesOf = (names: readonly string[]) =>
    samples.map(({ values }) => names.reduce((sum, name) => sum + (values[name] ?? 0), 0));
  const line = (title: string, names: readonly string[], format: TextLine["format"] = count): TextLine => (
    { title, values: valuesOf(names), format }
  );
  const atRests = (name: string) => rests.map(({ values }) => bytes(values[name] ?? 0)).join(", ");
  const minutes = ((samples.at(-1)?.seconds ?? 0) / 60).toFixed(1);
  const sum = (key: "accepted" | "owed" | "delivered" | "doubled" | "lost") =>
    count(waves.reduce((total, { counts }) => total + counts[key], 0));
  return [
    `${minutes} minutes, ${waves.length - 1} waves after the warm-up; under load, ${
      percent(cpuShare)
    } of a core`,
    "",
    textPlot([
      line("resident memory", ["residentBytes"], bytes),
      line("V8 heap, with garbage", ["heapUsed"], bytes),
      line("connections", ["websockets", "eventStreams"]),
      line("sockets", ["sockets"]),
      line("entries of the journal", ["journalEntries"]),
      line("bytes in outboxes", ["outboxBytes"], bytes),
    ]),
    "",
    table(verdict.figures),
    "",
    `resident memory at the rests: ${atRests("residentBytes")}`,
    `V8 heap at the rests: ${atRests("heapUsed")}`,
    `residents: ${sum("accepted")} accepted, ${sum("delivered")} of ${sum("owed")} delivered, ` +
    `${sum("doubled")} doubled, ${sum("lost")} lost`,
    ...verdict.collections.map(remembered),
    "",
    ...verdict.faults.length === 0
      ? ["everything has returned"]
      : ["FAULTS:", ...verdict.faults.slice(0, 40)],
  ].join("\n");
}

export function table(figures: readonly FigureVerdict[]): string {
  const rows = figures.map(({ title, unit, start, highest, end, hasReturned }) => {
    const format = unit === "bytes" ? bytes : count;
    return [
      title,
      format(start),
      highest === null ? "" : format(highest),
      format(end),
      hasReturned ? "yes" : "NO",
    ];
  });
  const all = [["figure", "start", "highest", "end", "returned"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) =>
    row.map((cell, n) => n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)).join("  ")
  ).join("\n");
}

function remembered({ name, start, end, reason = "NOT EXPECTED" }: Growth): string {
  return `${name}: ${count(start)} → ${count(end)}: ${reason}`;
}

function bytes(value: number): string {
  return value < 10_000 ? `${value} B` : `${(value / MEBIBYTE).toFixed(1)} MB`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
