/** The lines of the access log: their fields, that they look like all other lines, and that nobody can forge one. */

import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { Exchange, type ExchangeStart } from "../../src/http/exchange.ts";
import { REQUEST_ID_PREFIX } from "../../src/http/request_id.ts";
import { AccessLines } from "../../src/service/access_lines.ts";
import { AccessLog } from "../../src/service/access_log.ts";
import { formatterFor } from "../../src/service/log.ts";
import { Problem } from "../../src/wire/problem.ts";

const TOOK_MS = 0.8124;
const TIME = "2026-07-04T09:00:00.123Z";
const INFO = {
  remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 },
  completed: Promise.resolve(),
} as const;
const START = {
  ...{ method: "POST", route: "/v1/notify", givenId: "r-1", client: "192.0.2.1" },
  ...{ traceId: undefined, info: INFO },
};

interface Answer extends Partial<ExchangeStart>, Partial<Pick<Exchange, "key" | "origin" | "problem">> {
  readonly status?: number;
}

/** Returns the lines of requests that took 0.8124 ms. */
function linesOf(development: boolean, answers: readonly Answer[]): string[] {
  const written: string[] = [];
  const log = new AccessLog({
    ...{
      logLevel: "debug",
      development,
      warn() {},
      now: () => Date.parse(TIME),
      monotonic: () => TOOK_MS,
    },
    write: (lines) => void written.push(new TextDecoder().decode(lines)),
  });
  for (const { status = 202, key, origin, problem, ...start } of answers) {
    const exchange = Object.assign(new Exchange({ ...START, ...start }), { startedAt: 0 });
    exchange.key = key;
    if (problem !== undefined) exchange.refused(problem, { origin, key });
    log.answered(exchange, status);
  }
  log.flush();
  const lines = written.join("").split("\n");
  assertEquals(lines.pop(), "");
  return lines;
}

const lineOf = (development: boolean, answer: Answer): string => linesOf(development, [answer])[0] ?? "";

const json = (answer: Answer) => JSON.parse(lineOf(false, answer));

Deno.test("A line in JSON has the method, route, status, key, client, duration and ids", () => {
  assertEquals(json({ traceId: "0af7", key: "shop" }), {
    ...{ "@timestamp": TIME, level: "INFO", message: "POST /v1/notify 202", logger: "tidings.access" },
    ...{ method: "POST", route: "/v1/notify", status: 202, key: "shop", client: "192.0.2.1" },
    ...{ duration_ms: 0.812, request_id: "r-1", trace_id: "0af7" },
  });
});

Deno.test("A line has the id of its request, also one that nobody gave", () => {
  const { request_id: first } = json({ givenId: undefined }),
    { request_id: second } = json({ givenId: undefined });
  assertEquals([first, second].map((id) => id.startsWith(REQUEST_ID_PREFIX)), [true, true]);
  assertEquals(
    Number(second.slice(REQUEST_ID_PREFIX.length)),
    Number(first.slice(REQUEST_ID_PREFIX.length)) + 1,
  );
  assertMatch(lineOf(true, { givenId: undefined }), new RegExp(`, request ${REQUEST_ID_PREFIX}\\d+$`));
});

Deno.test("A line in JSON says why a request was refused, and the page that sent it", () => {
  const problem = new Problem("not-authorized", "the token has expired");
  const { level, origin, kind, reason } = json({ status: 401, origin: "https://a.example", problem });
  assertEquals([level, origin, kind, reason], [
    ...["WARN", "https://a.example", "not-authorized", "the token has expired"],
  ]);
});

Deno.test("A line quotes nothing of a body that does not fit", () => {
  const problem = new Problem("does-not-fit", "the field hunter2 is not allowed");
  for (const development of [true, false]) {
    assertEquals(lineOf(development, { status: 422, problem }).includes("hunter2"), false);
  }
});

Deno.test("A line has nothing of the line before that is not the same", () => {
  const problem = new Problem("not-authorized", "the token has expired");
  const answers: readonly Answer[] = [
    ...[{}, {}, { method: "GET" }, { route: undefined }, { client: "::1" }, { key: "a" }, { key: "b" }],
    ...[{ status: 200 }, { route: "/healthz", status: 200 }, { givenId: "r-2" }, { traceId: "1" }, {}],
    ...[{ origin: "a", problem, status: 401 }, { problem, status: 401 }, { status: 401 }],
  ];
  for (const development of [true, false]) {
    assertEquals(linesOf(development, answers), answers.map((answer) => lineOf(development, answer)));
  }
});

Deno.test("A line in JSON has the first fields that all lines of the log have, in their form", () => {
  for (
    const [route, status, level] of [["/healthz", 200, "debug"], ["/", 200, "info"], [
      "/",
      400,
      "warning",
    ]] as const
  ) {
    const own = json({ route, status });
    const { message, method, client, duration_ms, request_id } = own;
    const logged = formatterFor({ development: false })({
      ...{ category: ["tidings", "access"], level, message: [message], rawMessage: "" },
      timestamp: Date.parse(TIME),
      properties: { method, route, status, client, duration_ms, request_id },
    });
    assertEquals(own, JSON.parse(logged));
  }
});

Deno.test("A line as text is for people, in the form of all lines in development mode", () => {
  const problem = new Problem("not-authorized", "the token has expired");
  const line = lineOf(true, { status: 401, key: "shop", origin: "https://a.example", problem });
  const logged = formatterFor({ development: true })({
    ...{
      category: ["tidings", "access"],
      level: "warning",
      message: ["POST /v1/notify 401"],
      rawMessage: "",
    },
    timestamp: Date.parse(TIME),
    properties: {},
  }).trimEnd();
  const parts = "key shop, request r-1, page of https://a.example: the token has expired";
  assertEquals(line, `${logged} in 0.812 ms from 192.0.2.1, ${parts}`);
});

Deno.test("A line is one line without control characters, whatever a client sends", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom('"}\n{"level":"ERROR"', "\r\n", "\u2028", "\x1b[2J", "a\\", '"', "\u0000"),
  );
  fc.assert(
    fc.property(fc.record({ method: text, client: text, origin: text, key: text, reason: text }), (given) => {
      const { reason, ...rest } = given;
      const answer = { ...rest, status: 401, problem: new Problem("not-authorized", reason) };
      const inJson = linesOf(false, [answer]), asText = linesOf(true, [answer]);
      assertEquals([inJson.length, asText.length], [1, 1]);
      const fields = JSON.parse(inJson[0] ?? "");
      assertEquals([fields.level, fields.logger], ["WARN", "tidings.access"]);
      for (const line of [...inJson, ...asText]) assertMatch(line, /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u);
    }),
  );
});

Deno.test("AccessLines writes any time and duration as JSON and Date do", () => {
  const time = fc.integer({ min: 0, max: 4_102_444_800_000 }),
    microseconds = fc.integer({ min: 0, max: 10 ** 10 });
  fc.assert(fc.property(fc.array(fc.tuple(time, microseconds), { minLength: 1 }), (given) => {
    const lines = new AccessLines(64 * 1024, (second) => `${second}.`);
    lines.setCommon({ common: "Z ", beforeId: " " });
    for (const [at, us] of given) lines.add(at, { duration: us / 1_000, id: us, rest: "\n" });
    const expected = given.map(([at, us]) =>
      `${new Date(at).toISOString()} ${(us / 1_000).toFixed(3)} ${REQUEST_ID_PREFIX}${us}\n`
    );
    assertEquals(new TextDecoder().decode(lines.take()), expected.join(""));
    assertEquals(lines.take().length, 0);
  }));
});
