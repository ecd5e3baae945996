/** Tests of a service with workers: nobody outside can tell it from one isolate. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { Isolates } from "./isolates.ts";
import { Tab } from "./tab.ts";

const NUMBERS = Array.from({ length: 40 }, (_, number) => number);

Deno.test("Workers deliver everything once and in order, whichever isolate accepts it", async () => {
  await using isolates = await Isolates.start();
  const tabs = [...(await isolates.openEverywhere("alexander")).values()].flat();
  for (const number of NUMBERS) {
    await isolates.notify(
      number % 4 === 0 ? { everyone: true, data: number } : { target: "alexander", data: number },
    );
  }
  for (const { tab } of tabs) assertEquals(await tab.data(NUMBERS.length), NUMBERS);
  await isolates.notify(NUMBERS.map((data) => ({ target: "alexander", data })));
  for (const { tab } of tabs) assertEquals(await tab.data(NUMBERS.length), NUMBERS);
  for (const { tab } of tabs) assertEquals(tab.pending, []);
});

for (const [end, how] of [["throw", "fail"], ["close", "end without an error"]] as const) {
  Deno.test(`Workers that ${how} are started again, and their tabs resume without a loss`, async () => {
    await using isolates = await Isolates.start();
    const owner = await isolates.owner();
    const byNode = await isolates.openEverywhere("alexander");
    const staying = byNode.get(owner) ?? [];
    const leaving = [...byNode].filter(([node]) => node !== owner).flatMap(([, tabs]) => tabs);
    await isolates.notify({ target: "alexander", data: "before" });
    for (const { tab } of [...staying, ...leaving]) assertEquals(await tab.data(1), ["before"]);
    isolates.fail(end);
    for (const { tab } of leaving) await tab.closed;
    await isolates.notify({ target: "alexander", id: "meanwhile", data: "meanwhile" });
    for (const { tab } of staying) assertEquals(await tab.data(1), ["meanwhile"]);
    assertEquals(
      new Set((await isolates.connectionsOf("alexander")).map(({ node }) => node)),
      new Set([owner]),
    );
    await eventually(() => isolates.started === 2);
    for (const { position } of leaving) {
      const { tab, welcome } = await Tab.open(isolates.port, { target: "alexander", after: position });
      assertEquals(welcome.recovered, true);
      assertEquals(await tab.data(2), ["before", "meanwhile"]);
      await tab.close();
    }
    const again = await isolates.openEverywhere("alexander");
    await isolates.notify({ target: "alexander", data: "after" });
    for (const { tab } of [...again.values()].flat()) assertEquals(await tab.data(1), ["after"]);
  });
}

Deno.test("Workers share the limits of connections, of the service and of a target, also after one has failed", async () => {
  await using isolates = await Isolates.start({
    TIDINGS_MAX_CONNECTIONS: "12",
    TIDINGS_MAX_CONNECTIONS_PER_TARGET: "8",
  });
  const owner = await isolates.owner();
  await eventually(async () => (await statusOf(isolates, "alexander")) === 426);
  const byNode = await isolates.openEverywhere("alexander");
  let count = [...byNode.values()].flat().length;
  for (; count < 8; count++) await Tab.open(isolates.port, { target: "alexander" });
  await eventually(async () => {
    const statuses = await Promise.all(NUMBERS.map(() => statusOf(isolates, "alexander")));
    return statuses.every((status) => status === 429);
  }, "every isolate knows that alexander has eight connections");
  for (let others = 0; others < 4; others++) await Tab.open(isolates.port, { target: "burr" });
  for (const status of await Promise.all(NUMBERS.map(() => statusOf(isolates, "burr")))) {
    assertEquals(status, 503);
  }
  isolates.fail();
  await eventually(async () =>
    (await isolates.connectionsOf("alexander")).every(({ node }) => node === owner)
  );
  await eventually(() => isolates.started === 2);
  await eventually(async () => (await statusOf(isolates, "eliza")) === 426, "room for others");
});

Deno.test("Workers answer for all isolates: connections, reports, metrics, and what disconnects or erases", async () => {
  await using isolates = await Isolates.start();
  const tabs = [...(await isolates.openEverywhere("alexander")).values()].flat();
  await isolates.notify({ target: "alexander", id: "duel", data: 1 });
  for (const { tab } of tabs) {
    await tab.next();
    tab.send(JSON.stringify({ type: "ack", ids: ["duel"] }));
  }
  for (const _ of NUMBERS.slice(0, 8)) {
    await eventually(async () =>
      JSON.parse((await isolates.request("/v1/notifications/duel")).text).acked === tabs.length
    );
    const { text } = await isolates.request("/metrics");
    assert(text.includes(`\ntidings_connections{transport="websocket"} ${tabs.length}\n`), text);
    assert(text.includes("\ntidings_targets 1\n"), text);
  }
  const { text } = await isolates.request("/v1/targets/alexander/connections", { method: "DELETE" });
  assertEquals(JSON.parse(text).closed ?? JSON.parse(text), tabs.length);
  for (const { tab } of tabs) assertEquals((await tab.closed).code, 4003);
  assertEquals((await isolates.request("/v1/targets/alexander", { method: "DELETE" })).status, 204);
  const { text: left } = await isolates.request("/v1/targets/alexander/notifications?after=earliest");
  assertEquals(JSON.parse(left).notifications, []);
});

Deno.test("Workers deliver what was accepted before they stop, close with 1012, and leave it in the file", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/journal.db` };
  const positions: string[] = [];
  {
    await using isolates = await Isolates.start(environment);
    const tabs = [...(await isolates.openEverywhere("alexander")).values()].flat();
    await Promise.all(NUMBERS.map((data) => isolates.notify({ target: "alexander", data })));
    const stopping = isolates.stop();
    for (const { tab, position } of tabs) {
      assertEquals((await tab.data(NUMBERS.length)).toSorted(), [...NUMBERS].toSorted());
      assertEquals((await tab.closed).code, 1012);
      positions.push(position);
    }
    await stopping;
  }
  await using isolates = await Isolates.start(environment);
  for (const after of positions) {
    const { tab, welcome } = await Tab.open(isolates.port, { target: "alexander", after });
    assertEquals(welcome.recovered, true);
    assertEquals((await tab.data(NUMBERS.length)).toSorted(), [...NUMBERS].toSorted());
    await tab.close();
  }
  await isolates.stop();
  await Deno.remove(folder, { recursive: true });
});

/** The answer to a request to connect that lacks only the upgrade. */
async function statusOf(isolates: Isolates, target: string): Promise<number> {
  return (await isolates.request(`/v1/connect?target=${target}`)).status;
}
