/** Tests of the alerts and the dashboard: they query metrics that exist, and the alerts fire. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { prometheusText } from "../../src/metrics/prometheus.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { findProgram } from "../find_program.ts";
import { METRICS } from "../metrics/sample_metrics.ts";

const PROMTOOL = findProgram("promtool", { variable: "PROMTOOL", defaultPath: "/usr/bin/promtool" });

/** Reads the names of all metrics. `histogramSuffix` is added to those of histograms. */
async function metricNames({ histogramSuffix = "" } = {}): Promise<Set<string>> {
  await using service = await TestService.start();
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return new Set(Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name, type]) => (
    type === "histogram" ? `${name}${histogramSuffix}` : `${name}`
  )));
}

for (const path of ["prometheus/alerts.yaml", "grafana/tidings.json"]) {
  Deno.test(`${path} queries only metrics that exist`, async () => {
    const text = await Deno.readTextFile(new URL(`../../deploy/${path}`, import.meta.url));
    const queried = new Set(Array.from(text.matchAll(/\b(tidings_\w+)[{[ )]/g), ([, name = ""]) => name));
    assert(queried.size > 5);
    assertEquals([...queried.difference(await metricNames({ histogramSuffix: "_bucket" }))], []);
  });
}

PROMTOOL.test("The alerts fire for a node in trouble, and for no other", async () => {
  const { success, stdout, stderr } = await new Deno.Command(PROMTOOL.path, {
    args: ["test", "rules", new URL("alerts_test.yaml", import.meta.url).pathname],
  }).output();
  assert(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
});

/** What promtool says against metrics in the text format; empty if nothing. */
async function lint(text: string): Promise<string> {
  const promtool = new Deno.Command(PROMTOOL.path, {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = promtool.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await promtool.output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  assertEquals(success, said === "", said);
  return said;
}

PROMTOOL.test("promtool finds nothing against the names and the help of the metrics", async () => {
  await using service = await TestService.start();
  await (await fetch(`${service.url}/nowhere`)).body?.cancel(); // so that refusals have a sample
  assertEquals(await lint(await (await fetch(`${service.url}/metrics`)).text()), "");
  assertEquals(await lint(prometheusText({ ...METRICS, refused: { 503: 1 } })), "");
  assertStringIncludes(await lint("# HELP wrong A counter.\n# TYPE wrong counter\nwrong 1\n"), "_total");
});
