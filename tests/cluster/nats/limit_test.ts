/** Tests Admission, NatsJournal and NatsNodes together: they limit a target's connections on all nodes. */

import { assert, assertEquals } from "@std/assert";
import { Admission, type Slot } from "../../../src/connection/admission.ts";
import { ConnectionSlots } from "../../../src/connection/connection_slots.ts";
import { NatsJournal } from "../../../src/journal/nats/nats_journal.ts";
import { NatsNodes } from "../../../src/cluster/nats/nats_nodes.ts";
import { eventually } from "../../eventually.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";

const MAX = 4;

/** A node that admits connections. */
async function startNode(server: NatsServer, node: string) {
  const link = await server.link({ name: node });
  const report = (error: unknown) => {
    throw error;
  };
  const journal = await NatsJournal.open(link, { offer: () => true, gap() {} }, {
    stream: "tidings",
    replicas: 1,
    retention: { seconds: 60, perTarget: 100, bytes: 1_000_000 },
    checkMs: 1_000,
    onReachabilityChange() {},
    onLoss() {},
    onDamage() {},
    onPresence: (target, data) => nodes.receivePresence(target, data),
    report,
  });
  const nodes: NatsNodes = new NatsNodes(link, {
    node,
    stream: "tidings",
    connections: () => 0,
    capacity: () => 100,
    maxPerTarget: MAX,
    beatMs: 25,
    report,
  });
  const limits = { maxConnections: 100, maxConnectionsPerTarget: MAX, lingerMs: 1 };
  const admission = new Admission(
    { journal, nodes, slots: new ConnectionSlots(limits.maxConnections) },
    limits,
  );
  async function close(): Promise<void> {
    admission.close();
    await journal.close();
    await nodes.close();
    await link.close();
  }
  return { admission, nodes, close };
}

async function admit({ admission }: { admission: Admission }): Promise<Slot> {
  const slot = admission.reserve("alexander");
  await slot.followed;
  return slot;
}

test("Admission limits a target's connections on all nodes, and admits more after some have closed", async () => {
  await using server = await NatsServer.started();
  const [here, there] = [await startNode(server, "here"), await startNode(server, "there")];
  await eventually(
    () => here.nodes.members().length === 2 && there.nodes.members().length === 2,
    "the nodes know each other",
  );
  const slots = [await admit(there), await admit(there), await admit(here)];
  await eventually(
    () =>
      there.nodes.connectionsElsewhere("alexander") === 1 &&
      here.nodes.connectionsElsewhere("alexander") === 2,
    "each node knows the connections of the other one",
  );
  assert(!here.admission.isFullFor("alexander") && !there.admission.isFullFor("alexander"));
  slots.push(await admit(here));
  assert(here.admission.isFullFor("alexander"));
  await eventually(() => there.admission.isFullFor("alexander"), "the other node is full, too");
  assert(!there.admission.isFullFor("burr"));
  slots.shift()?.release();
  await eventually(() => !here.admission.isFullFor("alexander"), "there is room again");
  await there.close();
  await eventually(
    () => here.nodes.connectionsElsewhere("alexander") === 0,
    "the connections of the closed node do not count",
  );
  for (const slot of slots.slice(-2)) slot.release();
  assertEquals(here.admission.slots.taken, 0);
  await here.close();
});
