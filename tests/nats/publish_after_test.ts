/** publishAfter: of several messages that follow the same one, one is stored. */

import { assertEquals } from "@std/assert";
import { messageBytes, publishAfter } from "../../src/nats/publish_after.ts";
import { ensureStreams } from "../../src/journal/nats/streams.ts";
import { NatsCluster } from "./nats_cluster.ts";
import { NatsServer, test } from "./nats_server.ts";
import { OPTIONS } from "../journal/nats/journal_node.ts";

test("publishAfter stores one of several messages at once, on one server and on three", async () => {
  const subject = "tidings.in.t.alexander.~read";
  await using server = await NatsServer.started();
  await using cluster = await NatsCluster.started();
  for (const servers of [[server, server], cluster.servers.slice(1)]) {
    const [one, other] = await Promise.all(servers.map((server) => server.link()));
    if (one === undefined || other === undefined) throw new Error("both links are open");
    await ensureStreams(one, { ...OPTIONS, replicas: servers[0] === server ? 1 : 3 });
    for (let round = 0; round < 30; round++) {
      const stored = await one.manager.streams.getMessage("tidings", { last_by_subj: subject });
      const message = { subject, payload: `${round}`, last: stored?.seq ?? 0 };
      const results = await Promise.all([one, other].map((link) => publishAfter(link, message)));
      assertEquals(results.filter((sequence) => sequence !== null).length, 1);
    }
    const newest = await one.manager.streams.getMessage("tidings", { last_by_subj: subject });
    assertEquals(newest?.header.has("Nats-Msg-Id"), one.comparesEarly, "ids take memory of the server");
    assertEquals(one.comparesEarly, servers[0] !== server && one.version.startsWith("2.9."));
    await Promise.all([one.close(), other.close()]);
  }
});

test("messageBytes counts a message as the server does", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  const name = "s";
  await link.manager.streams.add({ name, subjects: ["s.*"] });
  const sent = [["s.first", "payload"], ["s.second", "x".repeat(300)], ["s.third", ""]] as const;
  for (const [subject, payload] of sent) await publishAfter(link, { subject, payload, last: 0 });
  const { state } = await link.manager.streams.info(name);
  const bytes = sent.map(([subject, payload]) => messageBytes(subject, payload.length));
  assertEquals(state.bytes, bytes.reduce((sum, next) => sum + next, 0));
});
