/** Tests of the console's table of nodes in a real browser. */

import { assert, assertEquals } from "@std/assert";
import { test } from "../../browser/chromium.ts";
import { METRICS } from "../../metrics/sample_metrics.ts";
import { PageFixture } from "../page_fixture.ts";

const LARGE = {
  ...METRICS,
  at: 100 * 86_400_000,
  connections: { websocket: 48_017, sse: 1_203 },
  targets: 49_220,
  behind: 1_234,
  slots: { taken: 49_220, capacity: 50_000 },
  feed: { taken: 15, capacity: 100 },
  waitingBytes: 2 ** 33 - 2 ** 20,
  fellBehind: 1_234_567,
  ended: { 4200: 12_345 },
  refused: { 401: 1_234_567, 503: 1 },
  failures: { journal: 12_345, other: 1 },
};
const LATER = { ...LARGE, at: LARGE.at + 1_000, accepted: 26_907, delivered: LARGE.delivered + 1_908_000 };

/** Opens the console on a stream of these snapshots. */
async function openWith(fixture: PageFixture, snapshots: readonly unknown[]): Promise<void> {
  const body = snapshots.map((snapshot) => `data: ${JSON.stringify(snapshot)}\n\n`).join("");
  await fixture.page.route("**/console/events", async (route) => {
    await route.fulfill({ contentType: "text/event-stream", body });
  });
  await fixture.goTo("/console");
  await fixture.page.getByText("The stream ended").waitFor();
}

const rowOf = ({ page }: PageFixture, node: string) => page.getByRole("row").filter({ hasText: node });

test("The table of nodes shows exact counts, and fits into a window of 1,280 px", async () => {
  await using fixture = await PageFixture.open();
  await fixture.page.setViewportSize({ width: 1_280, height: 900 });
  await openWith(
    fixture,
    [LARGE, LATER].map((metrics) => ({
      nodes: [{ node: "0a4a6f3e-1", ...metrics }],
      silent: [],
    })),
  );
  const row = await rowOf(fixture, "0a4a6f3e").innerText();
  for (const count of ["48,017", "1,203", "49,220", "1,234,567", "1,234,568", "12,345", "12,346"]) {
    assert(row.split("\t").includes(count), `${count} in ${row}`);
  }
  const table = fixture.page.getByRole("region", { name: "Table of nodes" });
  const [content, visible] = await table.evaluate((element) => {
    const { scrollWidth, clientWidth } = element as unknown as { scrollWidth: number; clientWidth: number };
    return [scrollWidth, clientWidth];
  });
  assertEquals(content, visible);
  await fixture.assertAccessible("console-large-numbers");
});

test("The table of nodes distinguishes a node that is gone from one that does not answer", async () => {
  await using fixture = await PageFixture.open();
  const nodes = (...names: string[]) => names.map((node) => ({ node, ...METRICS }));
  await openWith(fixture, [
    { nodes: nodes("here", "left", "silent"), silent: [] },
    { nodes: nodes("here"), silent: ["silent"] },
  ]);
  assertEquals((await rowOf(fixture, "left").innerText()).split("\t").at(-1), "is gone");
  assertEquals((await rowOf(fixture, "silent").innerText()).split("\t").at(-1), "does not answer");
});
