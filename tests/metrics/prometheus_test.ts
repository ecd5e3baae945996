/** Tests prometheusText: the text format as Prometheus parses it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { LATENCY_BOUNDS_MS } from "../../src/metrics/metrics.ts";
import { prometheusText } from "../../src/metrics/prometheus.ts";
import { METRICS } from "./sample_metrics.ts";

const TEXT = prometheusText(METRICS);

/** The value of each sample, by its name and labels. */
const samples = new Map(
  TEXT.split("\n").filter((line) => /^[^#]/.test(line)).map((line) => {
    const end = line.lastIndexOf(" ");
    return [line.slice(0, end), Number(line.slice(end))] as const;
  }),
);

Deno.test("prometheusText writes a HELP line, a TYPE line and the samples of each metric", () => {
  assert(TEXT.endsWith("\n") && !TEXT.includes("\n\n"));
  const names = new Set<string>();
  let name = "", type = "";
  for (const line of TEXT.trimEnd().split("\n")) {
    const [, help] = /^# HELP (tidings_[a-z_]+) [A-Z].*\.$/.exec(line) ?? [];
    if (help !== undefined) {
      assert(!names.has(help), help);
      names.add(name = help);
    } else if (line.startsWith("#")) {
      assertMatch(line, new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`));
      type = line.split(" ")[3] ?? "";
      assertEquals(type === "counter", name.endsWith("_total"), name);
    } else {
      const suffix = type === "histogram" ? "_(bucket|sum|count)" : "";
      assertMatch(
        line,
        new RegExp(`^${name}${suffix}({[a-z]+="[\\w.+-]+"(,[a-z]+="[\\w.+-]+")*})? [\\d.]+$`),
      );
    }
  }
});

Deno.test("prometheusText contains every number of the metrics", () => {
  const numbers = (value: unknown): number[] =>
    typeof value === "object" && value !== null ? Object.values(value).flatMap(numbers) : [Number(value)];
  const { at: _, latency: __, appends: ___, startedAt: ____, build: _____, ...plain } = METRICS;
  const others = /(delivery|append)_seconds|start_time|build_info/;
  const exported = [...samples].filter(([name]) => !others.test(name)).map(([, n]) => n);
  const sorted = (all: readonly number[]) => all.toSorted((a, b) => a - b);
  assertEquals(sorted(exported), sorted(numbers(plain)));
});

for (const [metric, latency] of [["delivery", METRICS.latency], ["append", METRICS.appends]] as const) {
  Deno.test(`prometheusText writes ${metric} times in seconds, in cumulative buckets`, () => {
    const buckets = [...samples].filter(([name]) => name.startsWith(`tidings_${metric}_seconds_bucket`));
    assertEquals(buckets.length, LATENCY_BOUNDS_MS.length + 1);
    const bounds = buckets.map(([name]) => /le="([^"]+)"/.exec(name)?.[1]);
    assertEquals(bounds, [...LATENCY_BOUNDS_MS.map((ms) => `${ms / 1000}`), "+Inf"]);
    const counts = buckets.map(([, count]) => count);
    assertEquals(counts, counts.toSorted((a, b) => a - b));
    const all = latency.counts.reduce((sum, count) => sum + count);
    assertEquals([counts.at(-1), samples.get(`tidings_${metric}_seconds_count`)], [all, all]);
    assertEquals(samples.get(`tidings_${metric}_seconds_sum`), latency.sumMs / 1000);
  });
}

Deno.test("prometheusText names the versions of Tidings and Deno as labels", () => {
  assertEquals(samples.get('tidings_build_info{version="1.2.3",deno="4.5.6"}'), 1);
});
