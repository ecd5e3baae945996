/** Tests of resuming over real sockets: after a restart, under load, and from far behind. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { upTo } from "./large_notifications.ts";
import { RawSocket } from "./raw_socket.ts";
import { ReturningTab } from "./returning_tab.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

/** Defines a test for each journal. */
function testEachJournal(
  name: string,
  environment: Record<string, string>,
  run: (service: TestService) => Promise<void>,
): void {
  for (const kind of ["memory", "sqlite"]) {
    Deno.test(`${name} (${kind})`, async () => {
      const folder = await Deno.makeTempDir();
      const journal = kind === "memory" ? "memory:" : `sqlite:${folder}/j.db?synchronous=normal`;
      {
        await using service = await TestService.start({ TIDINGS_JOURNAL: journal, ...environment });
        await run(service);
      }
      await Deno.remove(folder, { recursive: true });
    });
  }
}

testEachJournal(
  "A tab that reconnects under constant load receives each notification once and in order",
  { TIDINGS_RETENTION_PER_TARGET: "100000" },
  async (service) => {
    const tab = new ReturningTab("alexander");
    await tab.connect(service.port);
    let posted = 0, isPosting = true;
    async function post(): Promise<void> {
      while (isPosting) {
        const batch = Array.from({ length: 5 }, () => ({ target: "alexander", data: posted++ }));
        await service.notify(batch);
      }
    }
    const posting = post();
    for (let times = 0; times < 30; times++) {
      await tab.connect(service.port);
      await tab.waitFor(posted + 3); // it is live or catching up, and more notifications follow
    }
    isPosting = false;
    await posting;
    await tab.waitFor(posted - 1);
    await tab.disconnect();
    assertEquals(tab.received.map(({ data }) => data), upTo(posted));
    assertEquals([new Set(tab.recovered), tab.missed], [new Set([null, true]), 0]);
  },
);

testEachJournal(
  "A replay of 10,000 comes in frames of at most 64 KiB, and delays no other tab",
  { TIDINGS_RETENTION_PER_TARGET: "10000" },
  async (service) => {
    const away = new ReturningTab("alexander");
    await away.connect(service.port);
    await away.disconnect();
    for (let from = 0; from < 10_000; from += 1_000) {
      await service.notify(upTo(1_000).map((n) => ({ target: "alexander", data: from + n })));
    }
    const { tab: other } = await Tab.open(service.port, { target: "burr" });
    using slow = await RawSocket.connect(service.port, `/v1/connect?target=alexander&after=${away.position}`);
    await service.notify({ target: "burr", data: "not delayed" });
    assertEquals(await other.data(1), ["not delayed"]);
    const numbers: unknown[] = [];
    while (numbers.length < 10_000) {
      const messages = await slow.messages();
      assert(messages !== null);
      assertLessOrEqual(JSON.stringify(messages).length, 64 * 1024);
      numbers.push(...messages.filter(({ type }) => type === "notification").map(({ data }) => data));
    }
    assertEquals(numbers, upTo(10_000));
  },
);

Deno.test("A tab resumes after a restart with what it missed, and then live", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
  const tab = new ReturningTab("alexander");
  for (let run = 0; run < 3; run++) {
    await using service = await TestService.start(environment);
    await service.notify({ target: "alexander", data: `${run}: away` });
    await tab.connect(service.port);
    await service.notify({ target: "alexander", data: `${run}: connected` });
    await tab.waitFor(`${run}: connected`);
    await tab.disconnect();
    await service.notify({ target: "alexander", data: `${run}: away again` });
  }
  assertEquals(tab.recovered, [null, true, true]);
  assertEquals(tab.received.map(({ data }) => data), [
    "0: connected",
    "0: away again",
    "1: away",
    "1: connected",
    "1: away again",
    "2: away",
    "2: connected",
  ]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The service answers 503 while another program locks its file, and recovers afterwards", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using service = await TestService.start({ TIDINGS_JOURNAL: `sqlite:${folder}/j.db` });
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    const body = JSON.stringify({ target: "alexander", id: "duel", data: 1 });
    const post = () => fetch(`${service.url}/v1/notify`, { method: "POST", body });
    {
      using other = new DatabaseSync(`${folder}/j.db`);
      other.exec("BEGIN IMMEDIATE");
      const refused = await post();
      assertEquals([refused.status, (await refused.json()).type], [503, "urn:tidings:problem:unavailable"]);
    }
    const accepted = await post();
    assertEquals([accepted.status, (await accepted.json()).id], [202, "duel"]);
    assertEquals(await tab.data(1), [1]);
  }
  await Deno.remove(folder, { recursive: true });
});
