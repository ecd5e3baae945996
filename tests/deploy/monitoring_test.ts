/** Alerts and dashboard: they ask for metrics that there are, and the alerts fire when they should and not otherwise. */

import { assert, assertEquals } from "@std/assert";
import { TestService } from "../end_to_end/test_service.ts";
import { installed } from "../installed.ts";

const PROMTOOL = installed("the alerts", { variable: "PROMTOOL", at: "/usr/bin/promtool" });

/** The names of all metrics. */
async function metrics({ ofHistograms = "" } = {}): Promise<Set<string>> {
  await using service = await TestService.start();
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return new Set(Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name, type]) => (
    type === "histogram" ? `${name}${ofHistograms}` : `${name}`
  )));
}

for (const path of ["prometheus/alerts.yaml", "grafana/tidings.json"]) {
  Deno.test(`${path} asks for no metric that there is not`, async () => {
    const text = await Deno.readTextFile(new URL(`../../deploy/${path}`, import.meta.url));
    const asked = new Set(Array.from(text.matchAll(/\b(tidings_\w+)[{[ )]/g), ([, name = ""]) => name));
    assert(asked.size > 5);
    assertEquals([...asked.difference(await metrics({ ofHistograms: "_bucket" }))], []);
  });
}

PROMTOOL.test("The alerts fire for a node in trouble, and for no other", async () => {
  const { success, stdout, stderr } = await new Deno.Command(PROMTOOL.path, {
    args: ["test", "rules", new URL("alerts_test.yaml", import.meta.url).pathname],
  }).output();
  assert(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
});
