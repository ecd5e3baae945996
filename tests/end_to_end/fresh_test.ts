/** Tests of streams that start with the oldest notification that is kept, over real sockets and event streams. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { EventReader } from "./event_reader.ts";
import { ReturningTab } from "./returning_tab.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

for (const kind of ["memory", "sqlite"]) {
  Deno.test(`A fresh tab receives what is kept, then what is new, and resumes like any other (${kind})`, async () => {
    const folder = await Deno.makeTempDir();
    const journal = kind === "memory" ? "memory:" : `sqlite:${folder}/j.db?synchronous=normal`;
    {
      await using service = await TestService.start({
        TIDINGS_JOURNAL: journal,
        TIDINGS_RETENTION_PER_TARGET: "3",
      });
      const tab = new ReturningTab("alexander", "earliest");
      await tab.connect(service.port);
      assertNotEquals(tab.position, "earliest");
      await tab.disconnect(); // nothing is kept: the stream has started at the head
      await service.notify([1, 2].map((data) => ({ target: "alexander", data })));
      await tab.connect(service.port);
      await tab.waitFor(2);
      await tab.disconnect();
      assertEquals([tab.recovered, tab.missed], [[null, true], 0]);

      await service.notify([3, 4, 5].map((data) => ({ target: "alexander", data })));
      await service.notify([{ target: "burr", data: "not his" }, { everyone: true, data: 6 }]);
      const other = new ReturningTab("alexander", "earliest");
      await other.connect(service.port);
      await service.notify({ target: "alexander", data: 7 });
      await other.waitFor(7);
      await other.connect(service.port);
      await service.notify({ target: "alexander", data: 8 });
      await other.waitFor(8);
      assertEquals(other.received.map(({ data }) => data), [3, 4, 5, 6, 7, 8]);
      assertEquals([other.recovered, other.missed], [[null, true], 0]);
      await other.disconnect();
    }
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("A fresh tab that has received nothing is told what it has lost when it reconnects", async () => {
  await using service = await TestService.start({ TIDINGS_RETENTION_PER_TARGET: "2" });
  await service.notify([1, 2].map((data) => ({ target: "alexander", data })));
  const { tab, welcome } = await Tab.open(service.port, { target: "alexander", after: "earliest" });
  await tab.close();
  await service.notify({ target: "alexander", data: 3 });
  const { position } = welcome;
  const { tab: again, welcome: second } = await Tab.open(service.port, {
    target: "alexander",
    after: position,
  });
  assertEquals([welcome.recovered, second.recovered], [null, false]);
  assertEquals(await again.data(2), [2, 3]);
});

Deno.test("A fresh EventSource receives what is kept, and reconnects after its Last-Event-ID", async () => {
  await using service = await TestService.start();
  await service.notify([1, 2].map((data) => ({ target: "alexander", data })));
  const query = { target: "alexander", after: "earliest" };
  await using reader = await EventReader.open(service.port, query);
  assertEquals((await reader.welcome()).recovered, null);
  assertEquals(await reader.data(2), [1, 2]);
  const { lastId = "" } = reader;
  await service.notify({ target: "alexander", data: 3 });
  await using again = await EventReader.open(service.port, query, { "last-event-id": lastId });
  const { recovered, position } = await again.welcome();
  assertEquals([recovered, position], [true, lastId]);
  assertEquals(await again.data(1), [3]);
});
