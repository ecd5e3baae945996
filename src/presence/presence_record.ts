/** The presence record of a target: which nodes have connections of it, and which of its events nobody was told yet. */

/** A target's first connection in the service has opened, or its last one has ended. */
export interface PresenceEvent {
  /** The same in all attempts to tell it, so a receiver can discard repetitions. */
  readonly id: string;
  readonly type: "target.online" | "target.offline";
  /** When the first connection opened or the last one ended, in milliseconds since 1970. */
  readonly at: number;
  /** When it was found to be the first or the last one, in milliseconds since 1970. */
  readonly foundAt: number;
}

export interface PresenceRecord {
  /** The nodes that have connections of the target, and since when, in milliseconds since 1970. */
  readonly nodes: Readonly<Record<string, number>>;
  /** What the application was not told yet, the oldest first. Online and offline alternate. */
  readonly events: readonly PresenceEvent[];
  /** The node that tells the events. Null if there is none to tell. One node at a time keeps them in order. */
  readonly teller: string | null;
  /** The target was erased, so once nothing is left to tell, no byte of the record may stay behind. */
  readonly isErased?: true | undefined;
}

/** A change of a record that nodes want to make, for whatever the record is by then. The same object: no change. */
export type ChangeRecord = (record: PresenceRecord) => PresenceRecord;

/** What a node does, and when. Times are in milliseconds since 1970. */
export interface NodeMoment {
  readonly node: string;
  readonly at: number;
  readonly now: number;
}

export const NOBODY: PresenceRecord = { nodes: {}, events: [], teller: null };

/** The most events of one target that wait. A target that comes and goes for longer loses some from the middle. */
export const MAX_EVENTS = 64;

/** True if the record says nothing, and need not be kept. */
export function isEmptyRecord({ nodes, events }: PresenceRecord): boolean {
  return events.length === 0 && isOffline(nodes);
}

/** The node has connections of the target. */
export function withNode(record: PresenceRecord, { node, at, now }: NodeMoment): PresenceRecord {
  if (node in record.nodes) return record;
  const next = { ...record, nodes: { ...record.nodes, [node]: at } };
  return isOffline(record.nodes) ? withEvent(next, { type: "target.online", node, at, now }) : next;
}

/** The node has none any more. Of several nodes that are removed, the last one says when the target went offline. */
export function withoutNode(
  record: PresenceRecord,
  { node: gone, teller = gone, at, now }: NodeMoment & { readonly teller?: string },
): PresenceRecord {
  if (!(gone in record.nodes)) return record;
  const nodes = Object.fromEntries(Object.entries(record.nodes).filter(([node]) => node !== gone));
  const next = { ...record, nodes };
  return isOffline(nodes) ? withEvent(next, { type: "target.offline", node: teller, at, now }) : next;
}

/** The application was told the event, or never will be. */
export function withoutEvent(record: PresenceRecord, id: string): PresenceRecord {
  const events = record.events.filter((event) => event.id !== id);
  if (events.length === record.events.length) return record;
  return { ...record, events, teller: events.length === 0 ? null : record.teller };
}

/** Another node tells the events from now on. */
export function toldBy(record: PresenceRecord, node: string): PresenceRecord {
  return record.events.length === 0 || record.teller === node ? record : { ...record, teller: node };
}

/** The target was erased. What the application was not told yet is still told. */
export function asErased(record: PresenceRecord): PresenceRecord {
  return isEmptyRecord(record) || record.isErased ? record : { ...record, isErased: true };
}

function isOffline(nodes: PresenceRecord["nodes"]): boolean {
  for (const _ in nodes) return false;
  return true;
}

/** The oldest event stays, because it may be on its way. So does the newest, which says what is true now. */
function withEvent(
  record: PresenceRecord,
  { type, node, at, now }: NodeMoment & Pick<PresenceEvent, "type">,
): PresenceRecord {
  const event = { id: `evt_${crypto.randomUUID()}`, type, at, foundAt: now };
  const events = [...record.events, event];
  if (events.length > MAX_EVENTS) events.splice(1, 2);
  return { ...record, events, teller: record.teller ?? node };
}
