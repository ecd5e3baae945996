import { assertEquals } from "@std/assert";
import { Reader } from "../../src/journal/nats_reader.ts";
import { ensureStreams } from "../../src/journal/nats_streams.ts";
import { tokenOf } from "../../src/nats/subjects.ts";
import { lagsBehind } from "../nats/lagging.ts";
import { NatsServer, test } from "../nats/nats_server.ts";

const STREAMS = {
  stream: "tidings",
  replicas: 1,
  retention: { seconds: 3_600, perTarget: 100, bytes: 1024 * 1024 },
};

test("Reader gives what is after a place and nothing else, also from a server that lags behind it", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, STREAMS);
  for (let n = 1; n <= 20; n++) await link.jetstream.publish(`tidings.in.t.${tokenOf("alexander")}.~`, "{}");
  lagsBehind(link, 6);
  const reader = new Reader(link, {
    stream: "tidings",
    perTarget: 100,
    retentionSeconds: 60,
    epoch: () => "e",
  });
  const read = await Array.fromAsync(reader.after("alexander", 3), ({ sequence }) => sequence);
  assertEquals(read, Array.from({ length: 17 }, (_, n) => 4 + n));
});
