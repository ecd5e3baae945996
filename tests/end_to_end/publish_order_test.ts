/** The order of a publisher's frames, of which some take more steps than others to be kept. */

import { assertEquals } from "@std/assert";
import { NatsServer, test } from "../nats/nats_server.ts";
import { PublisherPeer } from "./publisher_peer.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const COUNT = 60;

/** Publishes frames of all kinds at once, and checks where they are and in which order a tab receives them. */
async function publishAllKinds(environment: Record<string, string>): Promise<void> {
  const kinds = [{ push: true }, {}, { topic: "t" }, { id: "duel" }, { ttl: 0 }, { id: "dawn", topic: "u" }];
  await using service = await TestService.start(environment);
  await using tab = (await Tab.open(service.port, { target: "alexander" })).tab;
  await using peer = await PublisherPeer.open(service.port);
  for (let data = 0; data < COUNT; data++) {
    const { id, ...kind } = kinds[data % kinds.length] ?? {};
    peer.send({ target: "alexander", data, ...kind, ...id && { id: `${id} ${data}` } });
  }
  const positions = (await peer.take(COUNT)).map(({ position }) => `${position}`);
  assertEquals(positions, positions.toSorted());
  assertEquals(await tab.data(COUNT), Array.from({ length: COUNT }, (_, data) => data));
}

Deno.test("The service accepts the frames of a publisher's socket in order, also those with pushes", async () => {
  await publishAllKinds({});
});

test("The service accepts the frames of a publisher's socket in order with NATS, also those with ids and topics", async () => {
  await using nats = await NatsServer.started();
  await publishAllKinds({ TIDINGS_JOURNAL: nats.url() });
});
