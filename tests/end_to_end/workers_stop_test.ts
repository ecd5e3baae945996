/** Tests of stopping a service with workers: it ends as one isolate does, whatever its workers are doing. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { Isolates } from "./isolates.ts";
import { Tab } from "./tab.ts";

const PUBLISHERS = 8;

Deno.test("Workers deliver what any of them has accepted until the stop, before one closes a connection", async () => {
  for (let run = 0; run < 5; run++) {
    await using isolates = await Isolates.start();
    const tabs = [...(await isolates.openEverywhere("alexander")).values()].flat();
    const accepted: number[] = [];
    let stopping: Promise<void> | undefined;
    /** Publishes until it is refused. */
    const publish = async (publisher: number) => {
      for (let n = publisher;; n += PUBLISHERS) {
        if (await post(isolates.port, { target: "alexander", data: n }) !== 202) return;
        accepted.push(n);
        if (accepted.length === 10 + 10 * run) stopping = isolates.stop();
      }
    };
    await Promise.all(Array.from({ length: PUBLISHERS }, (_, publisher) => publish(publisher)));
    await stopping;
    for (const { tab } of tabs) {
      assertEquals((await tab.closed).code, 1012);
      const delivered = new Set(tab.pending.map(({ data }) => data));
      assertEquals(accepted.filter((n) => !delivered.has(n)), []);
    }
  }
});

Deno.test("Workers store when their targets were last seen before they stop, however long they take", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/journal.db` };
  const left: string[] = [];
  {
    await using isolates = await Isolates.start(environment);
    const owner = await isolates.owner();
    for (let n = 0; n < 60; n++) {
      const target = `target-${n}`, { tab } = await Tab.open(isolates.port, { target });
      const [connection] = await isolates.connectionsOf(target);
      if (connection?.node === owner) await tab.close(); // so that the owner has stopped long before the worker
      else left.push(target);
    }
  }
  await using isolates = await Isolates.start(environment);
  for (const target of left) {
    const { text } = await isolates.request(`/v1/targets/${target}`);
    assertNotEquals(JSON.parse(text).last_seen, null, target);
  }
  await isolates.stop();
  await Deno.remove(folder, { recursive: true });
});

/** Posts over a connection of its own, which any of the isolates accepts. Returns null if none does any more. */
async function post(port: number, body: unknown): Promise<number | null> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const init = { method: "POST", body: JSON.stringify(body), client };
  const response = await fetch(`http://127.0.0.1:${port}/v1/notify`, init).catch(() => null);
  await response?.body?.cancel();
  return response?.status ?? null;
}
