/** The operation with which operators revoke tokens. */

import { RevocationRequest } from "../wire/revocation.ts";
import { Revoked } from "./bodies.ts";
import { JTI } from "./examples.ts";
import { BODY_PROBLEMS, type Operation } from "./operation.ts";

export const REVOKE: Operation = {
  method: "post",
  path: "/v1/revocations",
  id: "revokeTokens",
  caller: "publisher",
  scope: "admin",
  summary: "Revoke a token, or the tokens of a target",
  description:
    `Within a second, all nodes refuse the tokens with 401 and close the connections that were opened with them, with 4001.
Tokens that are issued later are not affected. A token without \`iat\` counts as older than all others.

The revocation is kept until \`expires_at\` or, without it, for as long as any token can be valid
(\`TIDINGS_MAX_TOKEN_SECONDS\`). It survives a restart with a SQLite or NATS journal, and not with one in memory. Repeat
the request if there is no response, or if it is 503.`,
  body: {
    schema: RevocationRequest,
    examples: {
      "One token": { jti: JTI },
      "All tokens of a target": { target: "alexander" },
      "Those issued before a time": { target: "alexander", issued_before: "2026-07-04T09:00:00Z" },
    },
  },
  responses: [{
    status: 200,
    description: "The revocation is kept",
    schema: Revoked,
    example: {
      target: "alexander",
      issued_before: "2026-07-04T09:00:00.000Z",
      kept_until: "2026-08-03T09:01:00.000Z",
    },
  }],
  problems: ["not-authorized", ...BODY_PROBLEMS],
};
