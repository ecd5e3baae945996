/** consoleEvents and MetricsBroadcast: the metrics of all nodes, for all open consoles. */

import { assert, assertEquals } from "@std/assert";
import { METRICS } from "../../metrics/sample_metrics.ts";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, PUBLISHER_KEY } from "../test_app.ts";
import { TestNodes } from "../test_nodes.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };

/** Stubbed nodes with two members. */
class TwoNodes extends TestNodes {
  override members() {
    return ["n1", "n2"].map((node) => ({ node, connections: 0, capacity: 1 }));
  }
}

/** The first node answers, and the second fails. */
function createNodes() {
  return new TwoNodes({
    metrics: () => [{ node: "n2", error: "broken" }, { node: "n1", value: METRICS }],
  });
}

/** The data of the next event of the stream. */
async function nextEvent(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
  const { value } = await reader.read();
  const [, data = ""] = /^data: (.*)\n\n$/.exec(new TextDecoder().decode(value)) ?? [];
  return JSON.parse(data);
}

Deno.test("consoleEvents sends the metrics of nodes that answer and the names of the others, at once and repeatedly", async () => {
  const asked = createNodes();
  const response = await createTestApp({ nodes: asked }).app.request("/console/events", PUBLISHER);
  assertEquals(
    ["content-type", "cache-control"].map((name) => response.headers.get(name)),
    ["text/event-stream", "no-store"],
  );
  const reader = response.body?.getReader();
  assert(reader !== undefined);
  for (let times = 0; times < 3; times++) {
    assertEquals(await nextEvent(reader), { nodes: [{ node: "n1", ...METRICS }], silent: ["n2"] });
  }
  await reader.cancel();
  assertEquals(asked.asked[0], { kind: "metrics" });
});

Deno.test("consoleEvents asks the nodes once for all consoles, and stops when none is open", async () => {
  const asked = createNodes();
  const { app } = createTestApp({ nodes: asked, snapshotMs: 60_000 });
  const responses = await Promise.all(
    Array.from({ length: 5 }, () => app.request("/console/events", PUBLISHER)),
  );
  const readers = responses.map(({ body }) => body?.getReader());
  for (const reader of readers) if (reader !== undefined) await nextEvent(reader);
  assertEquals(asked.asked.length, 1, "all five opened while the first waited for its answer");
  for (const reader of readers) await reader?.cancel();
  // The sanitizers of the test report a timer that still runs.
});

Deno.test("consoleEvents accepts 64 consoles, and another one when one of them has closed", async () => {
  const { app } = createTestApp({ nodes: createNodes(), snapshotMs: 60_000 });
  const bodies = [];
  for (let consoles = 0; consoles < 64; consoles++) {
    bodies.push((await app.request("/console/events", PUBLISHER)).body);
  }
  await assertProblem(await app.request("/console/events", PUBLISHER), "503 unavailable");
  await bodies.pop()?.cancel();
  bodies.push((await app.request("/console/events", PUBLISHER)).body);
  for (const body of bodies) await body?.cancel();
});

Deno.test("consoleEvents does not wait for a node that takes too long", async () => {
  const never = new TwoNodes({ metrics: () => new Promise(() => {}) });
  const { body } = await createTestApp({ nodes: never, snapshotMs: 5 }).app.request(
    "/console/events",
    PUBLISHER,
  );
  const reader = body?.getReader();
  assert(reader !== undefined);
  assertEquals(await nextEvent(reader), { nodes: [], silent: ["n1", "n2"] });
  await reader.cancel();
});

Deno.test("consoleEvents reports an error, and continues with the next snapshot", async () => {
  const broken = createNodes();
  let times = 0;
  const members = () => {
    if (times++ === 0) throw new Error("broken");
    return [];
  };
  const { app, reported } = createTestApp({ nodes: Object.assign(broken, { members }) });
  const { body } = await app.request("/console/events", PUBLISHER);
  const reader = body?.getReader();
  assert(reader !== undefined);
  await nextEvent(reader);
  assertEquals(reported.map(String), ["Error: broken"]);
  await reader.cancel();
});

Deno.test("consoleEvents ends all streams when the service stops, and refuses new ones", async () => {
  const stopping = new AbortController();
  const { app } = createTestApp({
    nodes: createNodes(),
    snapshotMs: 60_000,
    stopping: stopping.signal,
    isDraining: () => stopping.signal.aborted,
  });
  const { body } = await app.request("/console/events", PUBLISHER);
  const reader = body?.getReader();
  assert(reader !== undefined);
  await nextEvent(reader);
  stopping.abort();
  assertEquals((await reader.read()).done, true);
  await assertProblem(await app.request("/console/events", PUBLISHER), "503 unavailable");
});

Deno.test("consoleEvents requires a publisher key, and answers HEAD without a stream", async () => {
  const { app } = createTestApp({ nodes: createNodes() });
  await assertProblem(await app.request("/console/events"), "401 not-authorized");
  const response = await app.request("/console/events", { method: "HEAD", ...PUBLISHER });
  assertEquals([response.status, await response.text()], [200, ""]);
});
