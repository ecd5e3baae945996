/** Tests, by NATS's counters, that a notification goes only to nodes with connections of its target. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { decodeToken } from "../../src/nats/subjects.ts";
import { Cluster } from "./cluster.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

/** A connection in the response to `/connz?subs=detail`. */
interface NatsConnection {
  readonly name: string;
  readonly subscriptions_list_detail?: readonly { readonly subject: string; readonly msgs: number }[];
}

const TARGETS = 1_000;

/** Reads the number of messages that each node received, by target. */
async function messagesByNode(server: NatsServer): Promise<Map<string, number>[]> {
  const { connections } = await server.monitoring<{ connections: NatsConnection[] }>(
    "/connz?subs=detail&limit=100",
  );
  const nodes = connections.filter(({ name }) => name.startsWith("tidings "));
  return nodes.map(({ subscriptions_list_detail: details = [] }) =>
    new Map(details.flatMap(({ subject, msgs }) => {
      const [, token] = /^tidings\.out\.t\.([^.]+)\.\*$/.exec(subject) ?? [];
      return token === undefined ? [] : [[decodeToken(token), msgs]];
    }))
  );
}

test("The service sends a notification only to the nodes that have its target, with 1,000 targets on three nodes", async () => {
  await using cluster = await Cluster.start();
  const targets = Array.from({ length: TARGETS }, (_, n) => `target ${n}`);
  const opened = await Promise.all(
    targets.map(async (target, n) => ({ n, ...await Tab.open(cluster.node(n % 3).port, { target }) })),
  );
  const second = await Tab.open(cluster.node(1).port, { target: "target 0" }); // a target on two nodes
  await cluster.node(0).notify(targets.map((target, data) => ({ target, data })));
  for (const { tab, n } of opened) assertEquals(await tab.data(1), [n]);
  assertEquals(await second.tab.data(1), [0]);

  const nodes = await messagesByNode(cluster.nats.server);
  assertEquals(nodes.map(({ size }) => size).toSorted((a, b) => a - b), [333, 334, 334]);
  const residues = nodes.map((targets) =>
    new Set([...targets.keys()].map((target) => Number(target.slice(7)) % 3))
  );
  for (const [index, targets] of nodes.entries()) {
    // The second tab of target 0 is on the node of target 1.
    const own = targets.has("target 0") && targets.has("target 1") ? 2 : 1;
    assertEquals(residues[index]?.size, own);
    for (const [target, messages] of targets) assert(messages >= 1, target);
  }
  const { num_subscriptions } = await cluster.nats.server.monitoring<{ num_subscriptions: number }>("/subsz");
  assert(num_subscriptions < TARGETS + 200, `${num_subscriptions}`);
  await Promise.all([...opened, second].map(({ tab }) => tab.close()));
});

test("The service unsubscribes from a target after its last connection, and subscribes again for the next", async () => {
  await using server = await NatsServer.started();
  await using service = await TestService.start({ TIDINGS_JOURNAL: server.url() }, {
    limits: { lingerMs: 1 },
  });
  const waitForSubscription = (isSubscribed: boolean) =>
    eventually(async () => (await messagesByNode(server))[0]?.has("alexander") === isSubscribed);
  for (const round of [1, 2]) {
    await waitForSubscription(false);
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    await waitForSubscription(true);
    await service.notify({ target: "alexander", data: round });
    assertEquals(await tab.data(1), [round]);
    await tab.close();
  }
  await waitForSubscription(false);
});
