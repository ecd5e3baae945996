/** Tests of erasing a target, on a single node and on several, in all journals. */

import { assert, assertEquals } from "@std/assert";
import { encodeToken } from "../../src/nats/subjects.ts";
import { countInFolder } from "../count_in_folder.ts";
import { eventually } from "../eventually.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { erase, fill, keptOf, NAME, remainsOf, scheduledOf, SECRET } from "./erasing.ts";
import { status } from "../processor/webhook/application.ts";
import { PresenceEvents } from "./presence_events.ts";
import { PushDevices } from "./push_devices.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const IDS = ["later", "later-for-both"];
const NOTHING = { kept: ["for everyone"], unread: 1, subscriptions: 0 };

/** Checks on each node that nothing is left of the target, and everything of another one. */
async function assertErased(...services: readonly TestService[]): Promise<void> {
  for (const service of services) {
    assertEquals(await remainsOf(service, NAME), NOTHING);
    assertEquals(await remainsOf(service, "eliza"), {
      kept: ["for both", "for everyone"],
      unread: 2,
      subscriptions: 1,
    });
    await eventually(
      async () => (await scheduledOf(service, IDS)).join() === "later-for-both",
      "the schedule",
    );
  }
}

Deno.test("The service erases a target from memory, ends its connections, and can do it again", async () => {
  await using service = await TestService.start();
  await using devices = new PushDevices();
  await fill(service, devices);
  const { tab } = await Tab.open(service.port, { target: NAME });
  await using other = (await Tab.open(service.port, { target: "eliza" })).tab;
  for (let times = 0; times < 2; times++) await erase(service);
  assertEquals((await tab.closed).code, 4003);
  await assertErased(service);
  await service.waitForConnections(0, NAME);
  const { last_seen, connections } = await (await fetch(`${service.url}/v1/targets/${NAME}`)).json();
  assertEquals([last_seen, connections], [null, []]);
  await service.notify({ targets: [NAME, "eliza"], data: "after" });
  assertEquals(await other.data(1), ["after"]);
  const { unread, kept } = Object(await remainsOf(service, NAME));
  assertEquals([unread, kept], [2, ["for everyone", "after"]]);
});

Deno.test("The service leaves no byte of an erased target in a SQLite file, also after a restart", async () => {
  const folder = await Deno.makeTempDir(), environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
  await using devices = new PushDevices();
  {
    await using service = await TestService.start(environment);
    await fill(service, devices);
    assert(countInFolder(folder, NAME) > 0 && countInFolder(folder, SECRET) > 0);
    await erase(service);
    assertEquals([countInFolder(folder, NAME), countInFolder(folder, SECRET)], [0, 0]);
    await assertErased(service);
  }
  assertEquals([countInFolder(folder, NAME), countInFolder(folder, SECRET)], [0, 0]);
  {
    await using service = await TestService.start(environment);
    await assertErased(service);
  }
  await Deno.remove(folder, { recursive: true });
});

for (const restarts of [false, true]) {
  const when = restarts ? ", also if the service restarts before that" : "";
  Deno.test(`The service leaves no byte of an erased target that was online, once the application knows that it is not${when}`, async () => {
    const folder = await Deno.makeTempDir();
    await using events = new PresenceEvents();
    const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db`, ...events.environment };
    const limits = { lingerMs: 20, heartbeatMs: 20 };
    {
      await using service = await TestService.start(environment, { limits });
      const { tab } = await Tab.open(service.port, { target: NAME });
      await events.waitFor(1, NAME);
      assert(countInFolder(folder, NAME) > 0);
      if (restarts) events.answer = () => status(503);
      await erase(service);
      assertEquals((await tab.closed).code, 4003);
      if (restarts) await service.waitForConnections(0, NAME);
      else await eventually(() => countInFolder(folder, NAME) === 0, "the name is gone");
    }
    events.answer = () => status(204);
    await using _service = await TestService.start(environment, { limits });
    await events.waitFor(2, NAME);
    await eventually(() => countInFolder(folder, NAME) === 0, "the name is gone");
    assertEquals(events.typesOf(NAME), ["online", "offline"]);
    await Deno.remove(folder, { recursive: true });
  });
}

test("The service with NATS erases a target on all nodes, and from what the streams store", async () => {
  await using server = await NatsServer.started();
  const start = () => TestService.start({ TIDINGS_JOURNAL: server.url() });
  await using one = await start();
  await using two = await start();
  await using three = await start();
  await using devices = new PushDevices();
  await fill(one, devices);
  const tabs = await Promise.all([one, two, three].map((node) => Tab.open(node.port, { target: NAME })));
  assert(server.countStored(SECRET) > 0);
  await erase(two);
  assertEquals(await Promise.all(tabs.map(async ({ tab }) => (await tab.closed).code)), [4003, 4003, 4003]);
  await assertErased(one, two, three);
  await using link = await server.link();
  const { state } = await link.manager.streams.info("tidings", {
    subjects_filter: `tidings.in.t.${encodeToken(NAME)}.>`,
  });
  assertEquals(state.subjects ?? {}, {});
  assertEquals(server.countStored(SECRET), 0);
});

/** Registers the tests of a journal. */
function testJournal(
  journal: "memory" | "SQLite" | "NATS",
  test: (name: string, run: () => Promise<void>) => void,
): void {
  test(
    `The service tells a tab that returns after an erasure that it missed something, with ${journal}`,
    async () => {
      await using server = journal === "NATS" ? await NatsServer.started() : null;
      const folder = await Deno.makeTempDir();
      const journals = { memory: "memory:", SQLite: `sqlite:${folder}/j.db`, NATS: server?.url() ?? "" };
      {
        await using service = await TestService.start({ TIDINGS_JOURNAL: journals[journal] });
        const start = async (target: string, after?: string) =>
          await Tab.open(service.port, { target, ...(after !== undefined && { after }) });
        const own = await start(NAME), others = await start("eliza");
        await service.notify({ targets: [NAME, "eliza"], data: "before" });
        await Promise.all([own.tab.data(1), others.tab.data(1)]);
        await Promise.all([own.tab.close(), others.tab.close()]);
        await service.notify({ targets: [NAME, "eliza"], data: "meanwhile" });
        await erase(service);
        await service.notify({ targets: [NAME, "eliza"], data: "after" });
        const returned = await start(NAME, own.welcome.position),
          other = await start("eliza", others.welcome.position);
        assertEquals([returned.welcome.recovered, other.welcome.recovered], [false, true]);
        assertEquals(await returned.tab.data(1), ["after"]);
        assertEquals(await other.tab.data(3), ["before", "meanwhile", "after"]);
        const again = await start(NAME, returned.welcome.position);
        assertEquals([again.welcome.recovered, await again.tab.data(1)], [true, ["after"]]);
        for (const { tab } of [returned, other, again]) await tab.close();
      }
      await Deno.remove(folder, { recursive: true });
    },
  );

  test(
    `The service erases or keeps as a whole what is published meanwhile, with ${journal}`,
    async () => {
      await using server = journal === "NATS" ? await NatsServer.started() : null;
      const folder = await Deno.makeTempDir();
      const journals = { memory: "memory:", SQLite: `sqlite:${folder}/j.db`, NATS: server?.url() ?? "" };
      {
        await using service = await TestService.start({ TIDINGS_JOURNAL: journals[journal] });
        let isErased = false, count = 0;
        const publish = async () => {
          while (!isErased) {
            const id = `id-${count++}`;
            await service.notify({ targets: [NAME, "eliza"], data: id, id, push: { after: 600 } });
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        };
        const publishing = [publish(), publish()];
        for (let times = 0; times < 2; times++) await erase(service);
        isErased = true;
        await Promise.all(publishing);
        await service.notify({ target: NAME, data: "last", push: { after: 600 } });
        const kept = await keptOf(service, NAME);
        assertEquals(kept.at(-1), "last");
        assertEquals((await keptOf(service, "eliza")).length, count);
        // Each that is kept still has its push: it waits until the target reads it.
        const { waiting } = await pushesOf(service);
        assertEquals(waiting, kept.length + count);
      }
      await Deno.remove(folder, { recursive: true });
    },
  );
}

testJournal("memory", Deno.test);
testJournal("SQLite", Deno.test);
testJournal("NATS", test);

/** The number of pushes that wait on all nodes. */
async function pushesOf(service: TestService): Promise<{ waiting: number }> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const [, count = ""] = /^tidings_scheduled\{kind="push"\} (\d+)/m.exec(text) ?? [];
  return { waiting: Number(count) };
}
