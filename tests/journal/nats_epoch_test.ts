import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { descriptionOfNew, epochOf } from "../../src/journal/nats_epoch.ts";
import { ensureStreams } from "../../src/journal/nats_streams.ts";
import { NatsServer, test } from "../nats/nats_server.ts";

const created = "1804-07-11T07:00:00.123456789Z";

Deno.test("epochOf reads what was written for a new stream, whatever its date is", () => {
  const description = descriptionOfNew();
  const epoch = epochOf({ config: { description }, created });
  assertMatch(epoch, /^[0-9a-z]{8}$/);
  assertEquals(epochOf({ config: { description }, created: "2026-07-04T00:00:00Z" }), epoch);
  assertNotEquals(epochOf({ config: { description: descriptionOfNew() }, created }), epoch);
});

Deno.test("epochOf goes by the date of a stream that somebody else described, or nobody", () => {
  const date = Date.UTC(2026, 6, 4).toString(36);
  for (const config of [{}, { description: "ours" }, { description: "epoch of reason" }]) {
    assertEquals(epochOf({ config, created: "2026-07-04T00:00:00Z" }), date);
  }
});

test("Nodes that make the streams at once have one epoch, which a stream that is made anew does not have", async () => {
  await using server = await NatsServer.started();
  const links = await Promise.all(Array.from({ length: 6 }, () => server.link()));
  const [first] = links;
  const retention = { seconds: 60, perTarget: 10, bytes: 1_000_000 };
  const epochs = async () => {
    await Promise.all(
      links.map((link) => ensureStreams(link, { stream: "tidings", replicas: 1, retention })),
    );
    const infos = await Promise.all(links.map((link) => link.manager.streams.info("tidings")));
    return new Set(infos.map(epochOf));
  };
  const before = await epochs();
  await first?.manager.streams.delete("tidings");
  const after = await epochs();
  assertEquals([before.size, after.size, before.union(after).size], [1, 1, 2]);
  await Promise.all(links.map((link) => link.close()));
});
