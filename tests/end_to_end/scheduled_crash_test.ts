/** Scheduled notifications survive a process that is killed, or stops, at the very moment they are due. */

import { assertEquals } from "@std/assert";
import { test } from "../nats/nats_server.ts";
import { Cluster } from "./cluster.ts";
import { ReturningTab } from "./returning_tab.ts";
import { ServiceProcess } from "./service_process.ts";

const RUNS = 20;
const EACH_RUN = 8;
const AHEAD_MS = 250;

/** The data of the notifications of a run. */
function dataOf(run: number): string[] {
  return Array.from({ length: EACH_RUN }, (_, n) => `${run}.${n}`);
}

/** Schedules the notifications of a run for a moment that is near, and returns it. */
async function schedule(service: ServiceProcess, run: number): Promise<number> {
  const dueAt = Date.now() + AHEAD_MS;
  const at = new Date(dueAt).toISOString();
  await service.notify(dataOf(run).map((data) => ({ target: "alexander", data, id: data, at })));
  return dueAt;
}

/** Resolves at a moment that is earlier or later than the due time, depending on the run: by up to 60 ms. */
async function near(dueAt: number, run: number): Promise<void> {
  const ms = dueAt - Date.now() + (run - RUNS / 3) * 6;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Each notification has arrived once, over all connections. */
async function assertOnce(tab: ReturningTab): Promise<void> {
  await tab.waitForCount(RUNS * EACH_RUN);
  const expected = Array.from({ length: RUNS }, (_, run) => dataOf(run)).flat();
  assertEquals(tab.received.map(({ data }) => String(data)).toSorted(), expected.toSorted());
}

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test(`The service sends once what is scheduled if ${signal} comes when it is due, ${RUNS} times`, async () => {
    const folder = await Deno.makeTempDir();
    const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
    const tab = new ReturningTab("alexander");
    for (let run = 0; run < RUNS; run++) {
      await using service = await ServiceProcess.start(environment, { folder });
      await tab.connect(service.port);
      await near(await schedule(service, run), run);
      service.signal(signal);
      await service.exited();
      await tab.closed;
    }
    await using service = await ServiceProcess.start(environment, { folder });
    await tab.connect(service.port);
    await assertOnce(tab);
    await service.notify({ target: "alexander", data: "end" });
    await tab.waitFor("end");
    assertEquals(tab.received.length, RUNS * EACH_RUN + 1);
    await tab.disconnect();
    await Deno.remove(folder, { recursive: true });
  });
}

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  test(`Nodes send once what is scheduled if one gets ${signal} when it is due, ${RUNS} times`, async () => {
    await using cluster = await Cluster.start(2);
    const tab = new ReturningTab("alexander");
    await tab.connect(cluster.node(1).port);
    for (let run = 0; run < RUNS; run++) {
      await near(await schedule(cluster.node(0), run), run);
      await cluster.stopNode(0, signal);
      await cluster.startNode(0);
    }
    await assertOnce(tab);
    await cluster.node(1).notify({ target: "alexander", data: "end" });
    await tab.waitFor("end");
    assertEquals(tab.received.length, RUNS * EACH_RUN + 1);
    await tab.disconnect();
  });
}

test("A node sends what another one has scheduled that is gone before it is due", async () => {
  await using cluster = await Cluster.start(2);
  const tab = new ReturningTab("alexander");
  await tab.connect(cluster.node(1).port);
  await schedule(cluster.node(0), 0);
  await cluster.stopNode(0, "SIGKILL");
  await tab.waitForCount(EACH_RUN);
  assertEquals(tab.received.map(({ data }) => data).toSorted(), dataOf(0));
  const cancelled = await fetch(`${cluster.node(1).url}/v1/notifications/0.0`, { method: "DELETE" });
  await cancelled.body?.cancel();
  assertEquals(cancelled.status, 409);
  await tab.disconnect();
});
