/** The operations for publishers: notifications, reports and tokens. */

import { z } from "zod";
import { Id } from "../wire/names.ts";
import { TokenRequest } from "../wire/protocol.ts";
import { AcceptedOneOrMany, NotifyOneOrMany, ReportOneOrMany } from "./bodies.ts";
import { ID, JTI, POSITION } from "./examples.ts";
import { BODY_PROBLEMS, type Operation } from "./operation.ts";
import { Key, Report, Token } from "./responses.ts";
import { REVOKE } from "./revocation_operations.ts";
import { TARGET_OPERATIONS } from "./target_operations.ts";

const ACCEPTED = { id: ID, position: POSITION, expires: "2026-07-05T09:00:00.000Z" };
const REPORT = {
  ...{ id: ID, accepted_at: "2026-07-04T09:00:00.000Z" },
  ...{ sent: 3, acked: 3, first_ack_ms: 12, read: 1, first_read_ms: 7_500, push: null },
};

/**
 * Its body is described as JSON alone. Generators give an operation one function for all of its media types, and that of
 * openapi-python-client then fails for every array.
 */
const NOTIFY: Operation = {
  method: "post",
  path: "/v1/notify",
  id: "notify",
  caller: "publisher",
  scope: "publish",
  summary: "Send a notification, or an array of up to 1,000",
  description:
    `Every open tab of the target receives it, and it is kept for tabs that reconnect. The response is 202 when all
notifications of the request are stored. If any of them is invalid, none is stored. If the id of one was used with
other content, the others are still stored. A request is limited to 1 MiB and 10,000 targets.

A notification with \`at\` is stored, and sent at that time. One with \`push\` is also sent to the devices of the target
that have subscribed to Web Push, unless the target acks or reads it before. At most 1,000 targets of a request may have
a \`push\`, and none of them \`everyone\`.

With \`Content-Type: application/x-ndjson\`, the body is a notification a line, any number of lines of up to 1 MiB. The
response is 200 with a line for each while the request goes on: the answer, or a problem. A line that is refused does
not affect the others: \`curl -X POST -T notifications.ndjson -H 'Content-Type: application/x-ndjson'\`.

CloudEvents 1.0 are accepted too: \`application/cloudevents+json\`, \`application/cloudevents-batch+json\`, or \`ce-*\`
headers. \`subject\` is the target, \`source\` and \`id\` together are the id, \`data\` is the data, and \`ttl\`, \`topic\`,
\`urgency\`, \`at\`, \`everyone\` and \`push\` are extensions. So are the requests of Google Pub/Sub and Amazon SNS.

If there is no response, or it is 503, repeat the request with the same ids. What was stored is not delivered again.`,
  parameters: [
    {
      in: "header",
      name: "Idempotency-Key",
      description: 'The id, as `"KEY"`; the notifications of an array have the ids KEY.0, KEY.1, …',
      schema: z.string(),
    },
    {
      in: "header",
      name: "Prefer",
      description:
        "`wait=SECONDS`, at most 60: the response is 200 with the report, when all connections have acked",
      schema: z.string(),
      example: "wait=5",
    },
  ],
  body: {
    schema: NotifyOneOrMany,
    examples: {
      "To a target": { target: "alexander", data: { title: "Hello, Alexander Hamilton!" } },
      "To several, for an hour": { targets: ["alexander", "burr"], data: { title: "At dawn" }, ttl: 3600 },
      "To everyone": { everyone: true, data: { title: "The bank is open" }, urgency: "low" },
      "Later": {
        target: "alexander",
        data: { title: "At dawn" },
        id: "dawn",
        at: "2026-07-11T07:00:00-05:00",
      },
      "With a push": {
        target: "alexander",
        data: { title: "At dawn" },
        push: { after: 30, body: "Bring a second", navigate: "/duels/1" },
      },
      "With a topic": { target: "alexander", data: { unread: 4 }, topic: "unread" },
      "Several in one request": [
        { target: "alexander", data: 1, id: "duel-1" },
        { target: "burr", data: 2, id: "duel-2" },
      ],
    },
  },
  responses: [
    {
      status: 202,
      description: "Everything is stored",
      schema: AcceptedOneOrMany,
      example: ACCEPTED,
    },
    {
      status: 200,
      description:
        "The report, when the wait of `Prefer: wait` has ended. For NDJSON: a line for each line, as `application/x-ndjson`",
      schema: ReportOneOrMany,
      headers: { "Preference-Applied": "`wait=SECONDS`" },
      example: REPORT,
    },
    {
      status: 204,
      description: "Amazon SNS asked to confirm a subscription. The log has the command that confirms it",
    },
  ],
  problems: ["not-authorized", ...BODY_PROBLEMS, "unsupported-type", "id-conflict"],
};

const PUBLISH: Operation = {
  method: "get",
  path: "/v1/publish",
  id: "publish",
  caller: "publisher",
  scope: "publish",
  summary: "Open a WebSocket to publish over",
  description:
    `For backends that have much to say: a notification costs less than in a request of its own. Each text frame is
what \`/v1/notify\` takes, and is answered in order. The messages are described in \`asyncapi.json\`, beside this document.
The key may also be sent as the subprotocol \`tidings.key.\` and the key in base64url without padding, together with
\`tidings.publish.v1\`.`,
  responses: [{ status: 101, description: "The connection is now a WebSocket" }],
  problems: ["bad-request", "not-authorized", "origin-not-allowed", "upgrade-required", "unavailable"],
};

const DELIVERY_REPORT: Operation = {
  method: "get",
  path: "/v1/notifications/{id}",
  id: "deliveryReport",
  caller: "publisher",
  scope: "read",
  summary: "Read the delivery report of a notification",
  description:
    "The sum over all nodes; of a notification that is scheduled, when it is to be sent. Reports are kept in memory, for the latest 65,536 notifications and at most an hour.",
  parameters: [{ in: "path", name: "id", description: "Percent-encoded", schema: Id, example: ID }],
  responses: [{ status: 200, description: "The report", schema: Report, example: REPORT }],
  problems: ["bad-request", "not-authorized", "not-found", "unavailable"],
};

const CANCEL: Operation = {
  method: "delete",
  path: "/v1/notifications/{id}",
  id: "cancelNotification",
  caller: "publisher",
  scope: "publish",
  summary: "Cancel a scheduled notification",
  description: "Nobody receives it. Its id can then be used again.",
  parameters: [{ in: "path", name: "id", description: "Percent-encoded", schema: Id, example: ID }],
  responses: [{ status: 204, description: "The notification is cancelled" }],
  problems: ["bad-request", "not-authorized", "not-found", "already-sent", "unavailable"],
};

const TOKENS: Operation = {
  method: "post",
  path: "/v1/tokens",
  id: "issueToken",
  caller: "publisher",
  scope: "tokens",
  summary: "Issue a token for a browser",
  description:
    "For a user that is signed in to your backend. The token is signed with `TIDINGS_TOKEN_SECRET`.",
  body: { schema: TokenRequest, examples: { "For an hour": { target: "alexander", expires_in: 3600 } } },
  responses: [{
    status: 200,
    description: "The token",
    schema: Token,
    example: { token: "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", jti: JTI, expires_at: "2026-07-04T10:00:00.000Z" },
  }],
  problems: ["not-authorized", ...BODY_PROBLEMS, "not-here"],
};

const OWN_KEY: Operation = {
  method: "get",
  path: "/v1/key",
  id: "ownKey",
  caller: "publisher",
  summary: "Read the name and the scopes of a key",
  description: "The key is that of the request. In development mode, everyone has all scopes.",
  responses: [{
    status: 200,
    description: "The name and the scopes",
    schema: Key,
    example: { name: "billing", scopes: ["publish", "tokens"] },
  }],
  problems: ["bad-request", "not-authorized"],
};

export const PUBLISHER_OPERATIONS: readonly Operation[] = [
  NOTIFY,
  PUBLISH,
  DELIVERY_REPORT,
  CANCEL,
  ...TARGET_OPERATIONS,
  TOKENS,
  REVOKE,
  OWN_KEY,
];
