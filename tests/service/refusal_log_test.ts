/** RefusalLog: which refusals are logged, how often, and what a line never contains. */

import { assertEquals, assertMatch } from "@std/assert";
import { RefusalLog } from "../../src/service/refusal_log.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { KINDS, Problem, type ProblemKind } from "../../src/wire/problem.ts";
import { bearer } from "../http/auth/signed_token.ts";
import { createTestApp } from "../http/test_app.ts";

const REQUEST = { method: "GET", route: "/v1/connect", origin: "https://app.example", key: undefined };
const ALEXANDER = { target: "alexander" };

function setUp() {
  const logged: [string, Record<string, unknown>][] = [];
  const log = new RefusalLog((message, properties) => void logged.push([message, properties]));
  return { log, lines: () => logged.splice(0), messages: () => logged.splice(0).map(([message]) => message) };
}

Deno.test("RefusalLog logs a refused page with its origin, and a program without one", () => {
  const { log, lines } = setUp(), problem = new Problem("origin-not-allowed", "list it");
  log.request(problem, REQUEST);
  log.request(problem, { ...REQUEST, origin: undefined });
  const { origin, method, route } = REQUEST;
  const properties = { method, route, status: 403, kind: "origin-not-allowed", reason: "list it" };
  assertEquals(lines(), [
    ["refused {method} {route} of a page of {origin} with {status}: {reason}", { ...properties, origin }],
    ["refused {method} {route} of a program with {status}: {reason}", properties],
  ]);
});

Deno.test("RefusalLog logs the name of the key whose request was refused, also of a page", () => {
  const { log, lines } = setUp(), problem = new Problem("missing-scope", "no");
  log.request(problem, { ...REQUEST, key: "billing" });
  log.request(problem, { ...REQUEST, origin: undefined, key: "billing" });
  assertEquals(lines().map(([message, { key }]) => [message, key]), [
    ["refused {method} {route} of the key {key} in a page of {origin} with {status}: {reason}", "billing"],
    ["refused {method} {route} of the key {key} with {status}: {reason}", "billing"],
  ]);
});

Deno.test("RefusalLog logs the refusals that a wrong setting or a faulty program causes, and no others", () => {
  const { log, lines } = setUp();
  for (const kind of Object.keys(KINDS) as ProblemKind[]) log.request(new Problem(kind, "why"), REQUEST);
  const statuses = new Set(lines().map(([, { status }]) => status));
  assertEquals([...statuses], [400, 401, 403, 408, 413, 415, 422, 429]);
});

Deno.test("RefusalLog logs the same refusal once, then its number each minute, and anew after a quiet minute", () => {
  const { log, lines, messages } = setUp(), problem = new Problem("not-authorized", "expired");
  for (let count = 0; count < 5; count++) log.request(problem, REQUEST);
  const [[message = ""] = []] = lines();
  log.tick();
  const [[summary, { count }] = ["", {}]] = lines();
  assertEquals([summary, count], [`${message} ({count} more times)`, 4]);
  log.request(problem, REQUEST);
  log.tick();
  assertEquals(messages(), [summary]);
  log.tick();
  log.tick();
  assertEquals(messages(), []);
  log.request(problem, REQUEST);
  assertEquals(messages(), [message]);
});

Deno.test("RefusalLog logs a reason for which pushes are refused once, then its number each minute", () => {
  const { log, lines } = setUp(),
    message = "a push was refused: {reason}",
    reason = "push.example answered 403";
  for (let count = 0; count < 1_000; count++) log.push(reason);
  log.push("push.example answered\n400");
  assertEquals(lines(), [[message, { reason }], [message, { reason: "push.example answered?400" }]]);
  log.tick();
  assertEquals(lines(), [[`${message} ({count} more times)`, { reason, count: 999 }]]);
});

Deno.test("RefusalLog logs at most eight lines of a kind, and only counts the others", () => {
  const { log, lines } = setUp();
  for (let n = 0; n < 1_000; n++) {
    log.request(new Problem("origin-not-allowed", "no"), { ...REQUEST, origin: `https://${n}.example` });
  }
  assertEquals(lines().length, 8);
  log.request(new Problem("not-authorized", "no token"), REQUEST);
  assertEquals(lines().length, 1);
  log.tick();
  assertEquals(lines(), [["refused {count} other requests, messages and pushes", { count: 992 }]]);
});

Deno.test("RefusalLog logs messages that were refused, and connections that were closed for what they sent", () => {
  const { log, lines } = setUp();
  log.messages(new Problem("does-not-fit", 'ids: "secret" is no id'), ALEXANDER);
  for (const close of [...Object.values(CLOSE), null]) log.closed(close, ALEXANDER);
  assertEquals(
    lines().map(([message, { target, code, reason }]) => [message.split(" {")[0], target, code ?? reason]),
    [
      ["refused messages of", "alexander", KINDS["does-not-fit"][1]],
      ["closed a connection of", "alexander", 1009],
      ["closed a connection of", "alexander", 4004],
      ["closed a connection of", "alexander", 4101],
    ],
  );
});

Deno.test("RefusalLog logs the detail of content that does not fit only if it quotes nothing", () => {
  const { log, lines } = setUp();
  log.request(new Problem("does-not-fit", 'id: "secret" is no id'), REQUEST);
  log.request(new Problem("does-not-fit", "the key billing may send 2", { quotesNothing: true }), REQUEST);
  assertEquals(lines().map(([, { reason }]) => reason), [
    KINDS["does-not-fit"][1],
    "the key billing may send 2",
  ]);
});

Deno.test("RefusalLog logs publishers' sockets that were closed for what they sent", () => {
  const { log, lines } = setUp();
  for (const close of [...Object.values(CLOSE), null]) log.publisherClosed(close, { key: "billing" });
  assertEquals(lines().map(([message, { key, code }]) => [message, key, code]), [
    ["closed a socket of the key {key} with {code}: {reason}", "billing", 4004],
    ["closed a socket of the key {key} with {code}: {reason}", "billing", 4102],
  ]);
  log.publisherClosed(CLOSE.protocolViolation, { key: undefined });
  assertEquals(lines().map(([message]) => message), ["closed a socket of a publisher with {code}: {reason}"]);
});

Deno.test("RefusalLog writes one short line, whatever a request contains", () => {
  const { log, lines } = setUp(), odd = `a\n\u2028\u0085\x1b[31m${"x".repeat(10_000)}`;
  log.request(new Problem("bad-request", odd), { ...REQUEST, origin: odd });
  log.closed(CLOSE.tooBig, { target: odd });
  for (const [, properties] of lines()) {
    for (const text of Object.values(properties)) assertMatch(String(text), /^[ -~]{1,200}$/);
  }
});

Deno.test("RefusalLog never logs a key, a token, or what was published", async () => {
  const { log, lines } = setUp(), { app } = createTestApp({ refusals: log });
  const secret = "hunter2.hunter2.hunter2";
  const requests: [string, RequestInit?][] = [
    ["/v1/notify", { method: "POST", headers: bearer(secret), body: secret }],
    ["/v1/connect", { headers: bearer(secret) }],
    ["/v1/connect", { headers: { "sec-websocket-protocol": `tidings.bearer.${secret}` } }],
    [`/v1/connect?access_token=${secret}`],
    ["/v1/connect", { headers: { cookie: `tidings_token=${secret}`, origin: "https://evil.example" } }],
    [`/v1/targets/${secret.repeat(20)}`, { headers: bearer("publisher-key") }],
    [`/v1/targets/${secret}%ff`, { headers: bearer("publisher-key") }],
    ["/v1/notify", { method: "POST", headers: bearer("publisher-key"), body: secret }],
    ["/v1/notify", { method: "POST", headers: bearer("publisher-key"), body: `{"${secret}":1}` }],
  ];
  for (const [path, init] of requests) await (await app.request(path, init)).body?.cancel();
  const logged = lines();
  assertEquals(logged.length, 7, "the three refusals of the token are the same");
  assertEquals(JSON.stringify(logged).includes("hunter2"), false, JSON.stringify(logged, null, 2));
});
