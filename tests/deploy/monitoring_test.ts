/** Tests of the alerts and the dashboard: they query metrics that exist, and the alerts fire. */

import { assert, assertEquals } from "@std/assert";
import { TestService } from "../end_to_end/test_service.ts";
import { findProgram } from "../find_program.ts";

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
