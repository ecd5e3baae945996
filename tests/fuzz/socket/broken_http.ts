/** Generates requests that are no HTTP, or HTTP that few programs send. */

import * as fc from "fast-check";

const METHODS = ["GET", "get", "POST", "G\u00e9T", "", "PRI", "CONNECT", "TRACE", "A".repeat(300), "GET\t"];
const TARGETS = [
  ...[
    "/",
    "/v1/connect",
    "*",
    "http://127.0.0.1/healthz",
    "//v1//connect",
    "/v1/../v1/key",
    "/%00",
    "/\u00ff",
  ],
  ...[
    "",
    "healthz",
    "/ x",
    `/${"a".repeat(9_000)}`,
    "/?a#b",
    "127.0.0.1:80",
    "http://[::1]:99999/",
    "/\\..\\x",
  ],
];
const VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 x", "", "RTSP/1.0"];
const FIELDS = [
  ...[
    "Host: 127.0.0.1",
    "host:127.0.0.1",
    "Host : x",
    "Host: a\r\nHost: b",
    " folded",
    "\tfolded",
    ":",
    "x",
    "x:",
  ],
  ...[
    "Content-Length: 5",
    "Content-Length: 5, 5",
    "Content-Length: +5",
    "Content-Length: 99999999999999999999",
  ],
  ...[
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: gzip, chunked",
  ],
  ...["Transfer-Encoding: \u000bchunked", "Connection: close", "Connection: upgrade", "Upgrade: websocket"],
  ...[
    "Expect: 100-continue",
    "\u0000: x",
    "x: \u0000",
    "x: \u00ff",
    "x\u00e9: y",
    `x: ${"y".repeat(20_000)}`,
  ],
  ...["Authorization: Bearer", "Authorization:", "Cookie: tidings_token=", "Trailer: x", "TE: trailers"],
];
const BODIES = [
  "",
  "hello",
  "5\r\nhello\r\n0\r\n\r\n",
  "5;x=y\r\nhello\r\n0\r\nx: y\r\n\r\n",
  "-1\r\n",
  "ffffffffffffffffff\r\n",
  "5\nhello\n0\n\n",
];

const request = fc.record({
  method: fc.constantFrom(...METHODS),
  target: fc.constantFrom(...TARGETS),
  version: fc.oneof({ weight: 4, arbitrary: fc.constant("HTTP/1.1") }, fc.constantFrom(...VERSIONS)),
  fields: fc.array(fc.constantFrom(...FIELDS), { maxLength: 5 }),
  lineEnd: fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n "),
  body: fc.constantFrom(...BODIES),
}).map(({ method, target, version, fields, lineEnd, body }) =>
  [`${method} ${target} ${version}`, ...fields, "", body].join(lineEnd)
);

/** One or two requests at once, or a few characters that are none. */
export const brokenHttp: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: request },
  { weight: 2, arbitrary: fc.tuple(request, request).map((two) => two.join("")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\u0016\u0003\u0001\u0002\u0000",
      "\r\n\r\n",
      "\u0000",
    ),
  },
);
