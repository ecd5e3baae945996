/** What somebody else writes to the subjects of Tidings in NATS, as JSON. */

import * as fc from "fast-check";
import type { Json } from "../json/json.ts";
import { nearlyJson } from "../json/mutations.ts";
import { anyJson } from "../json/schema_values.ts";
import { TARGET } from "../service/secrets.ts";

export interface NatsInput {
  readonly messages: readonly ForeignMessage[];
  /** How a node that joins answers what it is asked, in turn. */
  readonly answers: readonly string[];
}

export interface ForeignMessage {
  /** The subject after the name of the stream. `{{node}}` is the name of the node. */
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string;
  /** Whether the message gets the checksum of its text, as if a node had stored it. */
  readonly hasChecksum: boolean;
  /** More bytes of text. */
  readonly padding: number;
}

const MAX_MESSAGES = 6;
const AT = "2026-11-30T20:17:58.431Z", STAMP = ["Tidings-Stamp", "idd2os"] as const;
const POSITION = "00000000-00000000000", NODE = "7657347b-e374-4f0c-a0e4-edd0ad3e30d8";
const LATER = 4_000_000_000_000; // no record that is right becomes due

const token = (text: string) => btoa(text).replace(/=+$/, "");
const tab = token(TARGET);

const entry: Json = { type: "notification", id: "foreign", position: POSITION, at: AT, data: 1, topic: "t" };
const mark: Json = { type: "read", position: POSITION, at: AT, through: null, read: [], unread: [] };
const beat: Json = { node: NODE, connections: 0, capacity: 0, status: "alive" };
const spent: Json = { ...beat, spent: [{ key: "key-1", requests: 1, notifications: 1 }] };
const ask = (question: Json): Json => ({ node: NODE, question });
const record: Json = { state: "waiting", digest: "d", addedAt: 0, dueAt: LATER, bytes: 90 };
const due: Json = { ...record, dueAt: 1 };
const notification: Json = {
  id: "foreign",
  targets: [TARGET],
  ttl: null,
  topic: null,
  urgency: null,
  push: null,
};
const push: Json = {
  ...{ id: "foreign", target: TARGET, topic: null, urgency: null, data: "1", after: "k3v9x0ab-0000000000f" },
  ...{
    request: { after: 10, title: "x", body: null, navigate: null },
    addedAt: 0,
    dueAt: 1,
    expiresAt: LATER,
  },
  ...{ attempts: 0, left: null },
};
const subscription: Json = {
  ...{ endpoint: "https://push.localhost:9/x", auth: "tBHItJI5svbpez7KI4CCXg", target: TARGET, origin: null },
  p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
};
const presence: Json = {
  nodes: { [NODE]: 1 },
  events: [{ id: "evt_1", type: "target.online", at: 1, foundAt: 1 }],
  teller: null,
};

/** What a node writes: where, and what. Changes then make it wrong. */
const MESSAGES: readonly { readonly subject: string; readonly value: Json; readonly header?: Json }[] = [
  { subject: `.in.t.${tab}.~`, value: entry },
  { subject: `.in.t.${tab}.t`, value: entry },
  { subject: ".in.e.~", value: entry },
  { subject: `.in.t.${tab}.~read`, value: mark },
  { subject: ".mark.1", value: "" },
  { subject: ".mark.loss", value: "" },
  { subject: ".loss", value: "" },
  { subject: `.out.t.${tab}.~here`, value: { node: NODE, connections: 1, wantsReply: true } },
  { subject: `.out.t.${tab}.~`, value: entry },
  { subject: ".out.e.~", value: entry },
  { subject: ".nodes.beat", value: beat },
  { subject: ".nodes.beat", value: { ...beat, status: "joined" } },
  { subject: ".nodes.beat", value: spent },
  ...[
    { kind: "connections", target: TARGET },
    { kind: "targets", after: "", limit: 10 },
    { kind: "reports", ids: ["a"] },
    { kind: "metrics" },
    { kind: "receive", target: TARGET, connection: "c", messages: [{ type: "ack", ids: ["a"] }] },
    {
      kind: "acks",
      notifications: [{ id: "a", acceptedAt: 1, target: null, position: "p", expiresAt: 1 }],
      withinMs: 1,
    },
  ].map((question) => ({ subject: ".nodes.ask.{{node}}", value: ask(question) })),
  { subject: `.topics.t.${tab}`, value: { topics: [["t", 1]], completeAfter: 0, epoch: "k3v9x0ab" } },
  { subject: ".topics.e", value: { topics: [], completeAfter: 0 } },
  { subject: `.id.${token("foreign")}`, value: { digest: "d", sentAt: 1 } },
  { subject: `.schedule.${token("notification foreign")}`, value: notification, header: record },
  { subject: `.schedule.${token("notification foreign")}`, value: notification, header: due },
  { subject: `.schedule.${token(`push 8 ${TARGET} foreign`)}`, value: push, header: due },
  { subject: ".schedule.e30", value: {}, header: due },
  {
    subject: `.revoked.${token(`target ${"burr"}`)}`,
    value: { target: "burr", issuedBefore: 1, keptUntil: LATER },
  },
  { subject: `.revoked.${token("token x")}`, value: { jti: "x", keptUntil: LATER } },
  { subject: ".push.subscription.slX0VKqKbBF4vQTcTPpbIN", value: subscription },
  { subject: `.push.target.${tab}`, value: [["slX0VKqKbBF4vQTcTPpbIN", 1]] },
  { subject: `.presence.${tab}`, value: presence },
  { subject: `.seen.${tab}`, value: 1 },
  { subject: "queue.in", value: { target: TARGET, data: 1 } },
  {
    subject: "queue.in",
    value: [{ everyone: true, data: 1, id: "x" }, { target: TARGET, data: 2, topic: "t" }],
  },
  { subject: "queue.dead", value: {} },
];

/** Headers that NATS acts on itself are not among them, nor numbers that would be right: those can be told by nobody. */
const headers = fc.oneof(
  { weight: 4, arbitrary: fc.constant([STAMP]) },
  { weight: 2, arbitrary: fc.constant([]) },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.tuple(
        fc.constantFrom(
          "Tidings-Stamp",
          "Tidings-Expires",
          "Tidings-Part",
          "Tidings-Checksum",
          "traceparent",
        ),
        fc.constantFrom("", "x", "1", "-1", "NaN", "1e999", "1/2", "2/1", "00-00-00-00", "zzzzzz", "é"),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "x", "-1", "1e300", "NaN", "1.5", "Infinity", "99999999999999999999")
      .map((sequence) => [STAMP, ["Nats-Sequence", sequence], ["Nats-Last-Sequence", sequence]] as const),
  },
);

const texts = (value: Json) =>
  fc.oneof(
    { weight: 6, arbitrary: nearlyJson(fc.constant(value)) },
    { weight: 1, arbitrary: fc.oneof(fc.string(), nearlyJson(anyJson)) },
  );

const messages: fc.Arbitrary<ForeignMessage> = fc.constantFrom(...MESSAGES).chain((
  { subject, value, header },
) =>
  fc.record({
    subject: fc.constant(subject),
    headers: header === undefined
      ? headers
      : nearlyJson(fc.constant(header)).map((text) =>
        /[\r\n]/.test(text) ? [] : [["Tidings-Record", text] as const]
      ),
    text: value === notification ? texts(value).map((text) => `${text}\n1`) : texts(value),
    hasChecksum: fc.boolean(),
    padding: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, fc.constantFrom(70_000, 900_000)),
  })
);

const ANSWERS: readonly Json[] = [
  ...[[], [{ id: "c", transport: "websocket", connectedAt: 1, behind: false }], 5, null, 1e300],
  ...[[{ target: TARGET, connections: { websocket: 1, sse: 0 } }], [null], "accepted", {}],
];

const answers = fc.oneof(
  fc.constantFrom(...ANSWERS).chain((value) => nearlyJson(fc.constant<Json>({ value }))),
  nearlyJson(fc.constant<Json>({ error: "no" })),
  fc.string(),
);

export const natsInputs: fc.Arbitrary<NatsInput> = fc.record({
  messages: fc.array(messages, { minLength: 1, maxLength: MAX_MESSAGES }),
  answers: fc.array(answers, { minLength: 1, maxLength: 3 }),
});
