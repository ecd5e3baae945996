/** RecordLog: of several nodes that change the same record at once, one does. */

import { assertEquals } from "@std/assert";
import { ensureStream } from "../../../src/nats/streams.ts";
import { RecordLog } from "../../../src/schedule/nats/record_log.ts";
import { newHead } from "../../../src/schedule/nats/record_message.ts";
import { scheduleConfig } from "../../../src/schedule/nats/schedule_stream.ts";
import { NatsCluster } from "../../nats/nats_cluster.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";

const KEY = "note 1";
const MAX_BYTES = 1024 * 1024;

test("RecordLog lets one of two nodes take a record, on one server and on three", async () => {
  await using server = await NatsServer.started();
  await using cluster = await NatsCluster.started();
  for (const [replicas, servers] of [[1, [server, server]], [3, cluster.servers.slice(1)]] as const) {
    const links = await Promise.all(servers.map((server) => server.link()));
    const [link] = links, logs = links.map((link) => new RecordLog(link, "tidings"));
    if (link === undefined) throw new Error("there are two links");
    await ensureStream(link, scheduleConfig({ stream: "tidings", replicas, maxBytes: MAX_BYTES }));
    const head = newHead({ key: KEY, digest: "d", addedAt: 1, dueAt: 2, content: "" });
    for (let round = 0, last = 0; round < 40; round++) {
      const results = await Promise.all(logs.map((log) => log.write(KEY, { head, content: "", last })));
      const [sequence, ...others] = results.filter((result) => result !== null);
      assertEquals([typeof sequence, others], ["number", []], `round ${round} with ${replicas} replicas`);
      last = Number(sequence);
    }
    await Promise.all(links.map((link) => link.close()));
  }
});
