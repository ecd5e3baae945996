/** The nodes of isolates fulfil the contract, alone and with others, and notice when one has gone. */

import { assertEquals } from "@std/assert";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { IsolateNodes } from "../../src/workers/isolate_nodes.ts";
import type { OwnerLink } from "../../src/workers/owner_link.ts";
import type { WorkerLink } from "../../src/workers/worker_link.ts";
import { type CreateNodes, nodesContract } from "../contracts/nodes.ts";
import { eventually } from "../eventually.ts";
import { LinkedIsolates } from "./linked_isolates.ts";

const RETENTION = { seconds: 60, perTarget: 10, bytes: 1024 * 1024 };
const HOUR_MS = 3_600_000, FAST_MS = 10;

function createNodes(count: number): CreateNodes {
  return async (load, timing) => {
    const { nodes, reported, close } = link(count, load, timing === "brisk" ? FAST_MS : HOUR_MS);
    await eventually(() => [...nodes.values()].every((one) => one.members().length === count));
    return { nodes, reported, [Symbol.asyncDispose]: () => Promise.resolve(close()) };
  };
}

function link(count: number, load: { connections: number; capacity: number }, beatMs: number) {
  const isolates = new LinkedIsolates(), reported: unknown[] = [];
  isolates.own((feed) => new MemoryJournal(feed, RETENTION));
  const nodes = new Map<string, IsolateNodes>();
  const add = (of: OwnerLink | WorkerLink, send: ConstructorParameters<typeof IsolateNodes>[0]["send"]) => {
    const one = new IsolateNodes({
      isolate: of.isolate,
      node: `n${of.isolate}`,
      connections: () => load.connections,
      capacity: () => load.capacity,
      beatMs,
      send,
      elsewhere: of.elsewhere,
      report: (error) => void reported.push(error),
    });
    nodes.set(`n${of.isolate}`, one);
    return one;
  };
  const { switchboard } = isolates.owner;
  const own = add(isolates.owner, (message) => switchboard.send(message));
  switchboard.join(0, (message) => own.receive(message));
  for (let isolate = 1; isolate < count; isolate++) {
    const worker = isolates.join(isolate);
    worker.journal({ offer: () => true, gap() {} });
    const one = add(worker, (message) => worker.send(message));
    worker.listen({ said: (message) => one.receive(message), revoked() {} });
  }
  return {
    isolates,
    nodes,
    reported,
    close() {
      for (const one of nodes.values()) one.close();
      isolates.close();
    },
  };
}

nodesContract("IsolateNodes of an isolate alone", createNodes(1));
nodesContract("IsolateNodes of three isolates", createNodes(3));

Deno.test("IsolateNodes answer for an isolate that goes while it is asked, and count its connections no longer", async () => {
  const { isolates, nodes, close } = link(3, { connections: 0, capacity: 9 }, FAST_MS);
  const [own, first, second] = [...nodes.values()];
  await eventually(() => [own, first, second].every((one) => one?.members().length === 3));
  for (const one of [own, first, second]) one?.announce("alexander", 2);
  await eventually(() =>
    own?.connectionsElsewhere("alexander") === 4 && second?.connectionsElsewhere("alexander") === 4
  );
  const asked = Array.fromAsync(own?.ask({ kind: "acks", notifications: [], withinMs: 60_000 }) ?? []);
  await eventually(() => Promise.resolve(true));
  isolates.owner.leave(1);
  isolates.owner.leave(2);
  const errors = (await asked).map((answer) => "error" in answer ? answer.error : answer.node);
  assertEquals(errors.toSorted(), ["did not answer", "did not answer", "does not answer yet"]);
  assertEquals(own?.members().map(({ node }) => node), ["n0"]);
  assertEquals(own?.connectionsElsewhere("alexander"), 0);
  close();
});
