/** Holds nodes at rest to the promises: all tabs are connected, everything has arrived, and nobody does anything. */

import type { Tab } from "../clients/tab.ts";
import { fetchReports } from "../../../src/http/ask_nodes.ts";
import type { Entry } from "../../../src/journal/journal.ts";
import { OLDEST } from "../../../src/wire/position.ts";
import type { Attachment } from "../nodes/attachment.ts";
import type { Cluster } from "../nodes/cluster.ts";
import type { SimNode } from "../nodes/sim_node.ts";
import type { World } from "../runtime/world.ts";

const REPORT_MS = { min: 60_000, max: 3_600_000, slack: 10_000 }; // for how long reports are kept
const MARK_MS = 8_000; // until each mark is answered, also while the store does not answer
const EVERYTHING = { entries: 100_000, bytes: Infinity };

export interface Settled {
  readonly world: World;
  readonly cluster: Cluster;
  readonly tabs: readonly Tab[];
}

/** Called in the process of one of the nodes. */
export async function checkSettled(settled: Settled, asked: SimNode): Promise<void> {
  for (const tab of settled.tabs) await checkTab(settled, tab);
  for (const node of settled.cluster.nodes) await checkConnections(settled, node);
  await checkReports(settled, asked);
}

async function checkTab({ world, cluster, tabs }: Settled, tab: Tab): Promise<void> {
  const { verdict, ledger, now, setting } = world;
  const { name, connection, stream, setting: { target } } = tab;
  if (!tab.isConnected || stream === undefined) {
    const { maxConnections, maxConnectionsPerTarget } = setting;
    const ofTarget = tabs.filter((one) => one.setting.target === target);
    const isFull = tabs.length > maxConnections || ofTarget.length > maxConnectionsPerTarget;
    return isFull ? undefined : verdict.broken("slots", `${name} could not connect`);
  }
  const { entries = [] } = await cluster.journal?.read(target, OLDEST, EVERYTHING) ?? {};
  stream.finish(entries);
  for (const [ref, sentAt] of connection?.unansweredMarks ?? []) {
    if (sentAt < now - MARK_MS) verdict.broken("marks", `the mark ${ref} of ${name} was never answered`);
  }
  const disputed = tab.marks.known === undefined ? undefined : entries.find(isDisputed);
  if (disputed !== undefined) {
    verdict.broken("marks", `${name} has another opinion on whether ${disputed.id} was read`);
  }

  function isDisputed({ id, position }: Entry): boolean {
    return id !== null && tab.marks.isRead(position) !== ledger.isRead(target, position);
  }
}

/** The hub has a connection for each end that is open, and every other part has the same number. */
async function checkConnections({ world: { verdict }, cluster }: Settled, node: SimNode): Promise<void> {
  const { process: { name }, core, backend: { nodes } } = node;
  const known: readonly string[] = (await node.connectionsOf(null)).map(({ id }) => id);
  const open = [...node.attachments].filter(({ end }) => end.isOpen);
  const ghost = known.find((id) => !open.some((one) => one.id === id));
  if (ghost !== undefined) verdict.broken("ghosts", `the hub of ${name} knows ${ghost}, which has gone`);
  const unknown = open.find(({ id }) => id !== null && !known.includes(id));
  if (unknown !== undefined) verdict.broken("ghosts", `the hub of ${name} does not know ${unknown.id}`);
  if (core.slots.taken !== open.length) {
    verdict.broken(
      "slots",
      `${name} has ${open.length} connections, and ${core.slots.taken} slots are taken`,
    );
  }
  if (core.failures.size > 0) verdict.broken("errors", `a part of ${name} has failed`);
  for (const target of new Set(open.map((one) => one.target))) {
    const elsewhere = cluster.nodes.filter((one) => one !== node).flatMap((one) => [...one.attachments])
      .filter((one) => one.end.isOpen && one.target === target);
    const heard = nodes.connectionsElsewhere(target);
    if (heard !== elsewhere.length) {
      verdict.broken("slots", `${name} believes that ${target} has ${heard} connections elsewhere`);
    }
  }
}

/** The nodes together report what their connections were handed and have acked. */
async function checkReports({ world, cluster }: Settled, asked: SimNode): Promise<void> {
  const { ledger, verdict, now, setting: { retention } } = world;
  const keptMs = Math.max(REPORT_MS.min, Math.min(retention.seconds * 1_000, REPORT_MS.max));
  const oldest = now - keptMs + REPORT_MS.slack;
  const recent = ledger.entries.filter(({ acceptedAt }) => acceptedAt > oldest);
  const ids = [...new Set(recent.flatMap(({ draft }) => draft?.id ?? []))].filter((id) => !isReused(id));
  const reports = await fetchReports(asked.backend.nodes, ids);
  const attachments = cluster.nodes.flatMap((node) => [...node.attachments]);
  for (const [index, id] of ids.entries()) {
    const report = reports[index], { sent = 0, acked = 0 } = report ?? {};
    const handed = attachments.filter((one) => one.handed.has(id));
    const unsure = attachments.filter((one) => isUnsure(one) && !one.handed.has(id)).length;
    const acks = handed.filter((one) => one.acked.has(id)).length;
    if (sent < handed.length || sent > handed.length + unsure) {
      verdict.broken(
        "reports",
        `${id} was sent to ${handed.length} connections, and the report says ${sent}`,
      );
    }
    if (acked !== acks) {
      verdict.broken("reports", `${id} was acked ${acks} times, and the report says ${acked}`);
    }
  }

  /** A journal that has forgotten an id accepts another notification under it, which has a report of its own. */
  function isReused(id: string): boolean {
    return ledger.entries.some(({ draft, target }) => draft?.id === id && ledger.countOf(id, target) > 1);
  }
}

/** What is written to an event stream counts as sent, also if the server could not send it before the stream broke. */
function isUnsure({ transport, end }: Attachment): boolean {
  return transport === "sse" && !end.isOpen;
}
