/** The limit of a target's connections over several nodes: Admission, NatsJournal and NatsNodes together. */

import { assert, assertEquals } from "@std/assert";
import { Admission, type Slot } from "../../../src/connection/admission.ts";
import { ConnectionSlots } from "../../../src/connection/connection_slots.ts";
import { NatsJournal } from "../../../src/journal/nats/nats_journal.ts";
import { NatsNodes } from "../../../src/cluster/nats/nats_nodes.ts";
import { eventually } from "../../eventually.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";

const MAX = 4;

/** A node that lets connections in. */
async function door(server: NatsServer, node: string) {
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
    onPresence: (target, data) => nodes.heard(target, data),
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

async function enter({ admission }: { admission: Admission }): Promise<Slot> {
  const slot = admission.reserve("alexander");
  await slot.followed;
  return slot;
}

test("Admission lets in no more of a target than it may have on all nodes, and again when some have left", async () => {
  await using server = await NatsServer.started();
  const [here, there] = [await door(server, "here"), await door(server, "there")];
  await eventually(() => here.nodes.members().length === 2 && there.nodes.members().length === 2);
  const slots = [await enter(there), await enter(there), await enter(here)];
  await eventually(() => there.nodes.elsewhere("alexander") === 1 && here.nodes.elsewhere("alexander") === 2);
  assert(!here.admission.isFullFor("alexander") && !there.admission.isFullFor("alexander"));
  slots.push(await enter(here));
  assert(here.admission.isFullFor("alexander"));
  await eventually(() => there.admission.isFullFor("alexander"));
  assert(!there.admission.isFullFor("burr"));
  slots.shift()?.release();
  await eventually(() => !here.admission.isFullFor("alexander"));
  await there.close();
  await eventually(() => here.nodes.elsewhere("alexander") === 0);
  for (const slot of slots.slice(-2)) slot.release();
  assertEquals(here.admission.slots.taken, 0);
  await here.close();
});
