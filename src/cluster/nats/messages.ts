/** The schemas of the messages that nodes send to each other over NATS. Unknown fields are ignored. */

import { z } from "zod";
import { Time } from "../../wire/time.ts";
import { LATENCY_BOUNDS_MS, type Metrics } from "../../metrics/metrics.ts";
import { BrowserMessages } from "../../wire/protocol.ts";
import { TRANSPORT_KINDS } from "../../wire/transport_kind.ts";
import type { NodeAnswer, Question, QuestionKind, QuestionKinds } from "../nodes.ts";

const count = z.int().min(0);
const node = z.string().regex(/^[\w-]{1,64}$/); // the name is a token of a subject

/** Every node sends one at a fixed interval. The other nodes answer `joined` at once with a heartbeat of their own. */
export const Heartbeat = z.object({
  node,
  connections: count,
  capacity: count,
  status: z.enum(["joined", "alive", "left"]),
  /** What was spent of limits on the node since its last heartbeat. Earlier versions do not send it. */
  spending: z.array(z.object({ limit: z.string().max(32), of: z.string().max(64), count })).optional(),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/** The number of a target's connections on a node. `wantsReply` asks the other nodes to send their numbers, too. */
export const PresenceMessage = z.object({ node, connections: count, wantsReply: z.boolean() });
export type PresenceMessage = z.infer<typeof PresenceMessage>;

const question: z.ZodType<Question> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("connections"), target: z.string() }),
  z.object({ kind: z.literal("seen"), target: z.string() }),
  z.object({ kind: z.literal("targets"), after: z.string(), limit: z.int().min(1) }),
  z.object({ kind: z.literal("disconnect"), target: z.string() }),
  z.object({ kind: z.literal("erase"), target: z.string() }),
  z.object({ kind: z.literal("reports"), ids: z.array(z.string()) }),
  z.object({
    kind: z.literal("acks"),
    notifications: z.array(z.object({
      id: z.string(),
      acceptedAt: Time,
      target: z.string().nullable(),
      position: z.string(),
      expiresAt: z.number(),
    })),
    withinMs: z.number(),
  }),
  z.object({
    kind: z.literal("receive"),
    target: z.string(),
    connection: z.string(),
    messages: BrowserMessages,
  }),
  z.object({ kind: z.literal("metrics") }),
]);

/** A question or, with the same reply subject, its cancellation. */
export const QuestionMessage = z.union([
  z.object({ node, question }),
  z.object({ node, cancel: z.literal(true) }),
]);

/** The questions of one node that another node is answering, by the last tokens of their reply subjects. */
export const InProgress = z.object({ node, numbers: z.array(z.string()) });
export type InProgress = z.infer<typeof InProgress>;

const answer = z.union([z.object({ error: z.string() }), z.object({ value: z.unknown() })]);

const fillLevel = z.object({ taken: z.number(), capacity: z.number() });
const counts = z.record(z.string(), count);

const latency = z.object({ counts: z.array(count).length(LATENCY_BOUNDS_MS.length + 1), sumMs: z.number() });
const empty = { taken: 0, capacity: 0 };

const journalMetrics = z.object({
  entries: count,
  bytes: fillLevel,
  oldestAgeSeconds: z.number(),
  evicted: counts,
});
const webhookMetrics = z.object({ backlog: fillLevel, attempts: counts, lost: count });

/** A field with a default is one that nodes of earlier versions do not send. */
const metrics: z.ZodType<Metrics> = z.object({
  at: z.number(),
  startedAt: z.number(),
  build: z.object({ version: z.string(), deno: z.string() }).default({ version: "", deno: "" }),
  connections: z.record(z.enum(TRANSPORT_KINDS), count),
  targets: count,
  behind: count,
  slots: fillLevel,
  publisherSlots: fillLevel.default(empty),
  feed: fillLevel,
  outbox: fillLevel,
  waitingBytes: count,
  memoryBytes: count,
  cpuSeconds: z.object({ process: z.number(), eventLoop: z.number() }).default({ process: 0, eventLoop: 0 }),
  eventLoopLagSeconds: z.number().default(0),
  journal: journalMetrics.default({ entries: 0, bytes: empty, oldestAgeSeconds: 0, evicted: {} }),
  accepted: count,
  acceptedFrom: counts.default({}),
  delivered: count,
  latency,
  appends: latency.default({ counts: new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0), sumMs: 0 }),
  fellBehind: count,
  ended: counts,
  publishersEnded: counts.default({}),
  refused: counts,
  sheds: count.default(0),
  failures: z.object({ journal: count, other: count }),
  damagedRows: count.default(0),
  marks: count.default(0),
  pushes: counts.default({}),
  outboxTable: z.object({ rows: counts, oldestSeconds: z.number(), isRead: z.boolean() }).nullable().default(
    null,
  ),
  scheduled: counts.default({}),
  requests: counts.default({}),
  webhook: webhookMetrics.default({ backlog: empty, attempts: {}, lost: 0 }),
  presence: z.object({
    backlog: count,
    withoutRoom: count.default(0),
    attempts: counts,
    lost: count,
  }).default({
    backlog: 0,
    withoutRoom: 0,
    attempts: {},
    lost: 0,
  }),
  revocations: z.object({ kept: count, bytes: fillLevel, effects: counts }).default({
    kept: 0,
    bytes: empty,
    effects: {},
  }),
  deadLetters: count.default(0),
  limited: z.record(z.string(), counts).default({}),
});

/** The pushes of a notification. */
const Pushes = z.object({ dueAt: Time, sent: count, failed: count, gone: count });

const VALUES: { readonly [K in QuestionKind]: z.ZodType<QuestionKinds[K]["answer"]> } = {
  connections: z.array(z.object({
    id: z.string(),
    transport: z.enum(TRANSPORT_KINDS),
    connectedAt: Time,
    behind: z.boolean(),
  })),
  seen: Time.nullable(),
  targets: z.array(z.object({
    target: z.string(),
    connections: z.record(z.enum(TRANSPORT_KINDS), count),
  })),
  disconnect: z.number(),
  erase: z.null(),
  reports: z.array(
    z.object({
      id: z.string(),
      acceptedAt: Time.nullable(),
      sent: count,
      acked: count,
      firstAckMs: z.number().nullable(),
      read: count.default(0), // earlier versions do not send it
      firstReadAt: Time.nullable().default(null),
      push: Pushes.nullable().default(null),
    }).nullable(),
  ),
  acks: z.null(),
  receive: z.union([
    z.literal(["accepted", "not-found"]),
    z.object({
      kind: z.enum(["too-many-requests", "unavailable"]),
      detail: z.string(),
      headers: z.record(z.string(), z.string()),
    }),
  ]),
  metrics,
};

/** Parses a node's answer to a question of this kind. Throws if it is no such answer. */
export function parseAnswer<K extends QuestionKind>(
  message: unknown,
  { node, kind }: { node: string; kind: K },
): NodeAnswer<K> {
  const parsed = answer.parse(message);
  return "error" in parsed
    ? { node, error: parsed.error }
    : { node, value: VALUES[kind].parse(parsed.value) };
}
