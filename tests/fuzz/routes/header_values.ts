/** Generates headers of requests to routes, mostly none. */

import * as fc from "fast-check";

/** Those of the routes, and some that change how a body is read. */
const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ["content-type", [
    ...[
      "application/json",
      "application/json; charset=utf-16",
      "text/plain",
      "",
      "a/b/c",
      "application/grpc",
    ],
    ...["application/x-ndjson", "application/cloudevents+json", "application/cloudevents-batch+json"],
    ...["application/proto", "application/connect+json", "multipart/form-data; boundary=x"],
  ]],
  ["content-encoding", ["identity", "gzip", "br, identity", ", ,", "x"]],
  ["accept-encoding", ["gzip", "*;q=0", "identity;q=0", ",;,"]],
  ["idempotency-key", ['"k"', "k", '""', '"é"', `"${"k".repeat(200)}"`, '"a", "b"', '"\\"']],
  ["prefer", ["wait=0", "wait=-1", "wait=x", "wait", "wait=1e9x", "respond-async, wait=0", ";;,"]],
  ["if-none-match", ["*", '"x"', 'W/"x", "y"', ","]],
  ["last-event-id", ["{{position}}", "earliest", "", "x", "k3v9x0ab-0000000000f"]],
  ["origin", ["http://127.0.0.1", "https://evil.example", "null", "", "é"]],
  ["access-control-request-method", ["POST", "GET", ""]],
  ["traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-x", ""]],
  ["tracestate", ["a=b", "=".repeat(600)]],
  ["x-forwarded-for", ["1.2.3.4", "for=x", ""]],
  ["forwarded", ["for=1.2.3.4;host=x", '"', "for="]],
  ["expect", ["100-continue", "x"]],
  ["x-amz-sns-message-type", ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation", "x"]],
  ["ce-id", ["1"]],
  ["ce-source", ["/s"]],
  ["ce-type", ["t"]],
  ["ce-specversion", ["1.0", "0.3"]],
  ["ce-subject", ["alexander", "", "%C3%A9", "%zz"]],
  ["connection", ["keep-alive", "close, x", ""]],
];

const someHeaders = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...HEADERS).chain(([name, values]) =>
        fc.constantFrom(...values).map((value) => [name, value] as const)
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom("prefer", "idempotency-key", "content-type", "cookie", "traceparent"),
        fc.string({ maxLength: 30 }),
      ),
    },
  ),
  { maxLength: 3 },
);

/** Pairs of a name and a value, which is right, nearly right or wrong. */
export const headers: fc.Arbitrary<readonly (readonly [string, string])[]> = fc.oneof({
  weight: 2,
  arbitrary: fc.constant([]),
}, { weight: 1, arbitrary: someHeaders });
