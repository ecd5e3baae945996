/** consoleEvents and Watch: the metrics of all nodes, for as many as look. */

import { assert, assertEquals } from "@std/assert";
import { METRICS } from "../../metrics/sample_metrics.ts";
import { assertProblem } from "../assert_problem.ts";
import { PUBLISHER_KEY, testApp } from "../test_app.ts";
import { TestNodes } from "../test_nodes.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };

/** Two nodes of which the second fails, and a third that never answers if it is `stuck`. */
class Nodes extends TestNodes {
  override members() {
    return ["n1", "n2"].map((node) => ({ node, connections: 0, capacity: 1 }));
  }
}

function nodes() {
  return new Nodes({
    metrics: () => [{ node: "n2", error: "broken" }, { node: "n1", value: METRICS }],
  });
}

/** The next event of the stream, as its data. */
async function nextOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
  const { value } = await reader.read();
  const [, data = ""] = /^data: (.*)\n\n$/.exec(new TextDecoder().decode(value)) ?? [];
  return JSON.parse(data);
}

Deno.test("consoleEvents tells the metrics of each node that answers, and who does not, at once and again", async () => {
  const asked = nodes();
  const response = await testApp({ nodes: asked }).app.request("/console/events", PUBLISHER);
  assertEquals(
    ["content-type", "cache-control"].map((name) => response.headers.get(name)),
    ["text/event-stream", "no-store"],
  );
  const reader = response.body?.getReader();
  assert(reader !== undefined);
  for (let times = 0; times < 3; times++) {
    assertEquals(await nextOf(reader), { nodes: [{ node: "n1", ...METRICS }], silent: ["n2"] });
  }
  await reader.cancel();
  assertEquals(asked.asked[0], { kind: "metrics" });
});

Deno.test("consoleEvents asks once for all who look, and nobody when nobody does", async () => {
  const asked = nodes();
  const { app } = testApp({ nodes: asked, snapshotMs: 60_000 });
  const responses = await Promise.all(
    Array.from({ length: 5 }, () => app.request("/console/events", PUBLISHER)),
  );
  const readers = responses.map(({ body }) => body?.getReader());
  for (const reader of readers) if (reader !== undefined) await nextOf(reader);
  assertEquals(asked.asked.length, 1, "all five came while the first was waiting for its answer");
  for (const reader of readers) await reader?.cancel();
  // The sanitizers of the test see a timer that still runs.
});

Deno.test("consoleEvents lets 64 look, and one more when one of them has gone", async () => {
  const { app } = testApp({ nodes: nodes(), snapshotMs: 60_000 });
  const bodies = [];
  for (let viewers = 0; viewers < 64; viewers++) {
    bodies.push((await app.request("/console/events", PUBLISHER)).body);
  }
  await assertProblem(await app.request("/console/events", PUBLISHER), "503 unavailable");
  await bodies.pop()?.cancel();
  bodies.push((await app.request("/console/events", PUBLISHER)).body);
  for (const body of bodies) await body?.cancel();
});

Deno.test("consoleEvents goes on without a node that takes too long", async () => {
  const never = new Nodes({ metrics: () => new Promise(() => {}) });
  const { body } = await testApp({ nodes: never, snapshotMs: 5 }).app.request("/console/events", PUBLISHER);
  const reader = body?.getReader();
  assert(reader !== undefined);
  assertEquals(await nextOf(reader), { nodes: [], silent: ["n1", "n2"] });
  await reader.cancel();
});

Deno.test("consoleEvents reports what a look failed of, and looks again", async () => {
  const broken = nodes();
  let times = 0;
  const members = () => {
    if (times++ === 0) throw new Error("broken");
    return [];
  };
  const { app, reported } = testApp({ nodes: Object.assign(broken, { members }) });
  const { body } = await app.request("/console/events", PUBLISHER);
  const reader = body?.getReader();
  assert(reader !== undefined);
  await nextOf(reader);
  assertEquals(reported.map(String), ["Error: broken"]);
  await reader.cancel();
});

Deno.test("consoleEvents ends for all who look when the service stops, and takes nobody any more", async () => {
  const stopping = new AbortController();
  const { app } = testApp({
    nodes: nodes(),
    snapshotMs: 60_000,
    stopping: stopping.signal,
    isDraining: () => stopping.signal.aborted,
  });
  const { body } = await app.request("/console/events", PUBLISHER);
  const reader = body?.getReader();
  assert(reader !== undefined);
  await nextOf(reader);
  stopping.abort();
  assertEquals((await reader.read()).done, true);
  await assertProblem(await app.request("/console/events", PUBLISHER), "503 unavailable");
});

Deno.test("consoleEvents is for publishers only, and sends no stream to who asks for the head", async () => {
  const { app } = testApp({ nodes: nodes() });
  await assertProblem(await app.request("/console/events"), "401 not-authorized");
  const response = await app.request("/console/events", { method: "HEAD", ...PUBLISHER });
  assertEquals([response.status, response.body], [200, null]);
});
