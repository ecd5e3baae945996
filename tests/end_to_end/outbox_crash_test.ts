/** Each committed row of an outbox table is delivered once, and none that was rolled back, whatever is killed. */

import { assert } from "@std/assert";
import { eventually } from "../eventually.ts";
import { NATS_SERVER } from "../nats/nats_server.ts";
import { PostgresServer, test } from "../postgres/postgres_server.ts";
import { createRandom } from "../random.ts";
import { Cluster } from "./cluster.ts";
import { assertOnce, OutboxWriters } from "./outbox_writers.ts";
import { ReturningTab } from "./returning_tab.ts";
import { ServiceProcess } from "./service_process.ts";

const KILLS = 10;
const MAX_WAIT_MS = 400;

const random = createRandom(1804);

/** Lets everybody work for a random time, and until something was written. */
async function work(writers: OutboxWriters): Promise<void> {
  const { written } = writers;
  await new Promise((resolve) => setTimeout(resolve, random() * MAX_WAIT_MS));
  await eventually(() => writers.written > written + 10, "writers that write");
}

async function restart(server: PostgresServer): Promise<void> {
  await server.stop();
  await server.start();
}

async function emptied(server: PostgresServer): Promise<void> {
  await eventually(async () => {
    const [row] = await server.run(
      "select count(*)::int as count, count(failed_at)::int as failed from tidings_outbox",
    );
    assert(row?.failed === 0, "a row stands aside");
    return row?.count === 0;
  }, "an empty outbox table");
}

/** The tab is told of nothing that is missing. */
async function assertDelivered(tab: ReturningTab, orders: readonly number[]): Promise<void> {
  await tab.waitForCount(orders.length);
  await tab.waitFor(orders.at(-1));
  assertOnce(tab.received.map(({ data }) => data), orders);
  assert(tab.missed === 0 && !tab.recovered.includes(false), "the tab was told of a loss");
  await tab.disconnect();
}

test(`The service delivers each committed row once if it, the database and writers are killed ${KILLS} times`, async () => {
  await using server = await PostgresServer.started();
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db`, TIDINGS_OUTBOX: server.address() };
  const writers = await OutboxWriters.started(server, random);
  const tab = new ReturningTab("alexander");
  for (let kill = 0; kill < KILLS; kill++) {
    await using service = await ServiceProcess.start(environment, { folder });
    await tab.connect(service.port);
    await work(writers);
    if (random() < 0.5) await restart(server);
    if (random() < 0.5) await work(writers);
    service.signal(random() < 0.8 ? "SIGKILL" : "SIGTERM");
    await service.exited();
    await tab.closed;
  }
  const orders = await writers.stop();
  await using service = await ServiceProcess.start(environment, { folder });
  await tab.connect(service.port);
  await emptied(server);
  await assertDelivered(tab, orders);
  await Deno.remove(folder, { recursive: true });
});

const testWithNats = NATS_SERVER.test === Deno.test ? test : Deno.test.ignore;

testWithNats(
  `Nodes that share an outbox table deliver each committed row once if one of them or the database is killed`,
  async () => {
    await using server = await PostgresServer.started();
    await using cluster = await Cluster.start(3, { TIDINGS_OUTBOX: server.address() });
    const tab = new ReturningTab("alexander");
    await tab.connect(cluster.node(2).port);
    const writers = await OutboxWriters.started(server, random);
    for (let kill = 0; kill < KILLS; kill++) {
      await work(writers);
      if (kill % 3 === 2) await restart(server);
      await cluster.stopNode(kill % 2, random() < 0.8 ? "SIGKILL" : "SIGTERM");
      await cluster.startNode(kill % 2);
    }
    const orders = await writers.stop();
    await emptied(server);
    await assertDelivered(tab, orders);
  },
);
