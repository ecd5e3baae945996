/** Pushes survive a node that ends before they are due: none is lost, and at most one is doubled at each end. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { test } from "../nats/nats_server.ts";
import { Cluster } from "./cluster.ts";
import { PushDevices } from "./push_devices.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";

const RUNS = 20;
const EACH_RUN = 4;

function idsOf(run: number): string[] {
  return Array.from({ length: EACH_RUN }, (_, n) => `${run}.${n}`);
}

/** Posts the notifications of a run, whose pushes are due in a second. */
async function post(service: ServiceProcess, run: number): Promise<void> {
  const push = { after: 1 };
  await service.notify(idsOf(run).map((id) => ({ target: "alexander", data: id, id, push })));
}

/** The node ends earlier or later, depending on the run: from before the pushes are due until they are sent. */
async function wait(run: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, run * 60));
}

/** All have arrived, and no end of a node has doubled more than was being sent. */
async function assertNoneLost(devices: PushDevices): Promise<void> {
  const expected = Array.from({ length: RUNS }, (_, run) => idsOf(run)).flat();
  await eventually(() => new Set(devices.ids).size >= expected.length, "all pushes");
  assertEquals([...new Set(devices.ids)].toSorted(), expected.toSorted());
  for (const id of expected) {
    const times = devices.ids.filter((one) => one === id).length;
    assert(times <= 2, `${id} has arrived ${times} times`);
  }
}

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test(`The service loses no push if ${signal} comes before or while it is sent, ${RUNS} times`, async () => {
    const folder = await Deno.makeTempDir();
    const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
    await using devices = new PushDevices();
    for (let run = 0; run < RUNS; run++) {
      await using service = await ServiceProcess.start(environment, { folder });
      if (run === 0) await devices.subscribe(service.url);
      await post(service, run);
      await wait(run);
      service.signal(signal);
      await service.exited();
    }
    await using _ = await ServiceProcess.start(environment, { folder });
    await assertNoneLost(devices);
    await Deno.remove(folder, { recursive: true });
  });

  test(`Nodes lose no push if one gets ${signal} before or while it is sent, ${RUNS} times`, async () => {
    await using cluster = await Cluster.start(2);
    await using devices = new PushDevices();
    await devices.subscribe(cluster.node(1).url);
    for (let run = 0; run < RUNS; run++) {
      await post(cluster.node(0), run);
      await wait(run);
      await cluster.stopNode(0, signal);
      await cluster.startNode(0);
    }
    await assertNoneLost(devices);
  });
}

Deno.test("The service does not push after a restart what was acked before it", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
  await using devices = new PushDevices();
  {
    await using service = await ServiceProcess.start(environment, { folder });
    await devices.subscribe(service.url);
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    await post(service, 0);
    await tab.data(EACH_RUN);
    tab.send(JSON.stringify({ type: "ack", ids: idsOf(0).slice(1) }));
    await eventually(async () =>
      (await (await fetch(`${service.url}/v1/notifications/0.3`)).json()).acked === 1
    );
    service.signal("SIGTERM");
    await service.exited();
    await tab.closed;
  }
  await using service = await ServiceProcess.start(environment, { folder });
  await devices.next(1);
  await service.notify({ target: "alexander", data: 1, id: "last", push: { after: 0 } });
  await devices.next(1);
  assertEquals(devices.ids, ["0.0", "last"]);
  await Deno.remove(folder, { recursive: true });
});

test("Three nodes push once what no tab has acked, and nothing that a tab of any node has acked or read", async () => {
  await using cluster = await Cluster.start(3);
  await using devices = new PushDevices();
  await devices.subscribe(cluster.node(2).url);
  const { tab } = await Tab.open(cluster.node(1).port, { target: "alexander" });
  for (let run = 0; run < 3; run++) await post(cluster.node(run), run);
  const messages = [];
  for (let n = 0; n < 3 * EACH_RUN; n++) messages.push(await tab.next());
  tab.send(JSON.stringify({ type: "ack", ids: ["0.0", "1.0", "2.0"] }));
  const read = messages.filter(({ id }) => id.endsWith(".1")).map(({ position }) => position);
  const response = await fetch(`${cluster.node(0).url}/v1/targets/alexander/read`, {
    method: "POST",
    body: JSON.stringify({ positions: read }),
  });
  assertEquals(response.status, 200, await response.text());
  const expected = ["0.2", "0.3", "1.2", "1.3", "2.2", "2.3"];
  await devices.next(expected.length);
  await cluster.node(0).notify({ target: "alexander", data: 1, id: "last", push: { after: 0 } });
  await devices.next(1);
  assertEquals(devices.ids.toSorted(), [...expected, "last"]);
  await tab.close();
});
