/** Interest: a notification goes to the nodes that have its target, and to no other. By what NATS itself says. */

import { assert, assertEquals } from "@std/assert";
import { NatsServer, test } from "../nats/nats_server.ts";
import { decodeToken } from "../../src/nats/subjects.ts";
import { Cluster, soon } from "./cluster.ts";
import { Running } from "./running.ts";
import { Tab } from "./tab.ts";

/** What `/connz?subs=detail` says of one connection. */
interface Connection {
  readonly name: string;
  readonly subscriptions_list_detail?: readonly { readonly subject: string; readonly msgs: number }[];
}

const TARGETS = 1_000;

/** Of each node, how many messages it got for which target. */
async function messagesByNode(server: NatsServer): Promise<Map<string, number>[]> {
  const { connections } = await server.monitoring<{ connections: Connection[] }>(
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

test("The service hands a notification to the nodes that have its target, of 1,000 on three, and to no other", async () => {
  await using cluster = await Cluster.started();
  const targets = Array.from({ length: TARGETS }, (_, n) => `target ${n}`);
  const opened = await Promise.all(
    targets.map(async (target, n) => ({ n, ...await Tab.open(cluster.node(n % 3).port, { target }) })),
  );
  const second = await Tab.open(cluster.node(1).port, { target: "target 0" }); // the one that two nodes have
  await cluster.node(0).notify(targets.map((target, data) => ({ target, data })));
  for (const { tab, n } of opened) assertEquals(await tab.data(1), [n]);
  assertEquals(await second.tab.data(1), [0]);

  const nodes = await messagesByNode(cluster.nats.server);
  assertEquals(nodes.map(({ size }) => size).toSorted((a, b) => a - b), [333, 334, 334]);
  const residues = nodes.map((targets) =>
    new Set([...targets.keys()].map((target) => Number(target.slice(7)) % 3))
  );
  for (const [index, targets] of nodes.entries()) {
    const own = targets.has("target 0") && targets.has("target 1") ? 2 : 1; // the second tab of 0 is where 1 is
    assertEquals(residues[index]?.size, own);
    for (const [target, messages] of targets) assert(messages >= 1, target);
  }
  const { num_subscriptions } = await cluster.nats.server.monitoring<{ num_subscriptions: number }>("/subsz");
  assert(num_subscriptions < TARGETS + 200, `${num_subscriptions}`);
  await Promise.all([...opened, second].map(({ tab }) => tab.close()));
});

test("The service gives up the subscription of a target after its last connection, and has it back with the next", async () => {
  await using server = await NatsServer.started();
  await using service = await Running.started({ TIDINGS_JOURNAL: server.url() }, { lingerMs: 1 });
  const subscribes = async (isSubscribed: boolean) => {
    while ((await messagesByNode(server))[0]?.has("alexander") !== isSubscribed) await soon();
  };
  for (const round of [1, 2]) {
    await subscribes(false);
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    await subscribes(true);
    await service.notify({ target: "alexander", data: round });
    assertEquals(await tab.data(1), [round]);
    await tab.close();
  }
  await subscribes(false);
});
