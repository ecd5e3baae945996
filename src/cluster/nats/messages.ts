/** What nodes say to each other over NATS: a schema for each message, which ignores what it does not know. */

import { z } from "zod";
import { LATENCY_BOUNDS_MS, type Metrics } from "../../metrics/metrics.ts";
import { BrowserMessages } from "../../wire/protocol.ts";
import type { NodeAnswer, Question, QuestionKind, QuestionKinds } from "../nodes.ts";

const count = z.int().min(0);
const node = z.string().regex(/^[\w-]{1,64}$/); // a token of a subject

/** Of the node itself, every beat. Who has come is to be answered at once. */
export const Heartbeat = z.object({
  node,
  connections: count,
  capacity: count,
  has: z.enum(["come", "stayed", "left"]),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/** How many connections of a target the node has. `asks`: the others that have some are to say so too. */
export const PresenceMessage = z.object({ node, connections: count, asks: z.boolean() });
export type PresenceMessage = z.infer<typeof PresenceMessage>;

const asked: z.ZodType<Question> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("connections"), target: z.string() }),
  z.object({ kind: z.literal("disconnect"), target: z.string() }),
  z.object({ kind: z.literal("reports"), ids: z.array(z.string()) }),
  z.object({
    kind: z.literal("acks"),
    notifications: z.array(z.object({
      id: z.string(),
      acceptedAt: z.number(),
      target: z.string().nullable(),
      position: z.string(),
      expiresAt: z.number(),
    })),
    withinMs: z.number(),
  }),
  z.object({
    kind: z.literal("received"),
    target: z.string(),
    connection: z.string(),
    messages: BrowserMessages,
  }),
  z.object({ kind: z.literal("metrics") }),
]);

/** A node's question or, with the same reply subject, that it has heard enough. */
export const QuestionMessage = z.union([
  z.object({ node, question: asked }),
  z.object({ node, enough: z.literal(true) }),
]);

/** The questions of one node that another is answering, by the last tokens of their reply subjects. */
export const InProgress = z.object({ node, working: z.array(z.string()) });
export type InProgress = z.infer<typeof InProgress>;

const answered = z.union([z.object({ failed: z.string() }), z.object({ given: z.unknown() })]);

const fill = z.object({ taken: z.number(), capacity: z.number() });
const counts = z.record(z.string(), count);

const metrics: z.ZodType<Metrics> = z.object({
  at: z.number(),
  startedAt: z.number(),
  connections: z.object({ websocket: count, sse: count }),
  targets: count,
  behind: count,
  seats: fill,
  feed: fill,
  outbox: fill,
  waitingBytes: count,
  memoryBytes: count,
  accepted: count,
  delivered: count,
  latency: z.object({ counts: z.array(count).length(LATENCY_BOUNDS_MS.length + 1), sumMs: z.number() }),
  fellBehind: count,
  ended: counts,
  refused: counts,
  failures: z.object({ journal: count, other: count }),
});

const GIVEN: { readonly [K in QuestionKind]: z.ZodType<QuestionKinds[K]["answer"]> } = {
  connections: z.array(z.object({
    id: z.string(),
    transport: z.enum(["websocket", "sse"]),
    connectedAt: z.number(),
    behind: z.boolean(),
  })),
  disconnect: z.number(),
  reports: z.array(
    z.object({
      id: z.string(),
      acceptedAt: z.number(),
      sent: z.number(),
      acked: z.number(),
      firstAckMs: z.number().nullable(),
    }).nullable(),
  ),
  acks: z.null(),
  received: z.union([
    z.literal(["not here", "taken"]),
    z.object({
      kind: z.enum(["too-many-requests", "unavailable"]),
      detail: z.string(),
      headers: z.record(z.string(), z.string()),
    }),
  ]),
  metrics,
};

/** What a node answered to a question of this kind. Throws if it is no such answer. */
export function parseAnswer<K extends QuestionKind>(
  said: unknown,
  { node, kind }: { node: string; kind: K },
): NodeAnswer<K> {
  const answer = answered.parse(said);
  return "failed" in answer
    ? { node, failed: answer.failed }
    : { node, given: GIVEN[kind].parse(answer.given) };
}
