/** The lines of the access log: their fields, that they look like all other lines, and that nobody can forge one. */

import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { Exchange, type ExchangeStart } from "../../src/http/exchange.ts";
import { type AccessRecord, createJsonFormat, formatText } from "../../src/service/access_line.ts";
import { formatterFor } from "../../src/service/log.ts";
import { Problem } from "../../src/wire/problem.ts";

const TIME = "2026-07-04T09:00:00.123Z";
const START = { method: "POST", route: "/v1/notify", id: "r-1", client: "192.0.2.1", traceId: undefined };

function record(
  start: Partial<ExchangeStart> = {},
  { status = 202, level = "info", key, origin, problem }:
    & Partial<Pick<AccessRecord, "status" | "level">>
    & Partial<Pick<Exchange, "key" | "origin" | "problem">> = {},
): AccessRecord {
  const exchange = new Exchange({ ...START, ...start });
  exchange.key = key;
  if (problem !== undefined) exchange.refused(problem, { origin, key });
  return { exchange, status, level, ms: 0.8124, time: TIME };
}

Deno.test("createJsonFormat writes the method, route, status, key, client, duration and ids", () => {
  const line = createJsonFormat()(record({ traceId: "0af7" }, { key: "shop" }));
  assertEquals(JSON.parse(line), {
    ...{ "@timestamp": TIME, level: "INFO", message: "POST /v1/notify 202", logger: "tidings.access" },
    ...{ method: "POST", route: "/v1/notify", status: 202, key: "shop", client: "192.0.2.1" },
    ...{ duration_ms: 0.812, request_id: "r-1", trace_id: "0af7" },
  });
});

Deno.test("createJsonFormat writes why a request was refused, and the page that sent it", () => {
  const problem = new Problem("not-authorized", "the token has expired");
  const line = createJsonFormat()(
    record({}, { status: 401, level: "warning", origin: "https://a.example", problem }),
  );
  const { level, origin, kind, reason } = JSON.parse(line);
  assertEquals([level, origin, kind, reason], [
    "WARN",
    "https://a.example",
    "not-authorized",
    "the token has expired",
  ]);
});

Deno.test("createJsonFormat quotes nothing of a body that does not fit", () => {
  const problem = new Problem("does-not-fit", "the field hunter2 is not allowed");
  for (const format of [createJsonFormat(), formatText]) {
    assertEquals(format(record({}, { status: 422, problem })).includes("hunter2"), false);
  }
});

Deno.test("createJsonFormat takes nothing over from the line before that is not the same", () => {
  const format = createJsonFormat(), fresh = (one: AccessRecord) => createJsonFormat()(one);
  const records = [
    ...[
      record(),
      record(),
      record({ method: "GET" }),
      record({ route: undefined }),
      record({ client: "::1" }),
    ],
    ...[record({}, { key: "a" }), record({}, { key: "b" }), record({}, { status: 200 })],
    ...[
      record({}, { status: 200, level: "debug" }),
      record({ id: "r-2" }),
      record({ traceId: "1" }),
      record(),
    ],
  ];
  assertEquals(records.map(format), records.map(fresh));
});

Deno.test("createJsonFormat has the first fields that all lines of the log have, in their form", () => {
  for (const level of ["debug", "info", "warning"] as const) {
    const own = JSON.parse(createJsonFormat()(record({}, { level })));
    const { method, route, status, client, duration_ms, request_id } = own;
    const logged = formatterFor({ development: false })({
      category: ["tidings", "access"],
      level,
      message: ["POST /v1/notify 202"],
      rawMessage: "",
      timestamp: Date.parse(TIME),
      properties: { method, route, status, client, duration_ms, request_id },
    });
    assertEquals(own, JSON.parse(logged));
  }
});

Deno.test("formatText writes a line for people, in the form of all lines in development mode", () => {
  const problem = new Problem("not-authorized", "the token has expired");
  const one = record({}, {
    status: 401,
    level: "warning",
    key: "shop",
    origin: "https://a.example",
    problem,
  });
  const logged = formatterFor({ development: true })({
    category: ["tidings", "access"],
    level: "warning",
    message: ["POST /v1/notify 401"],
    rawMessage: "",
    timestamp: Date.parse(TIME),
    properties: {},
  }).trimEnd();
  assertEquals(
    formatText(one),
    `${logged} in 0.812 ms from 192.0.2.1, key shop, page of https://a.example, request r-1: the token has expired\n`,
  );
});

Deno.test("formatText and createJsonFormat write one line without control characters, whatever a client sends", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom('"}\n{"level":"ERROR"', "\r\n", "\u2028", "\x1b[2J", "a\\", '"', "\u0000"),
  );
  fc.assert(
    fc.property(fc.record({ method: text, client: text, origin: text, key: text, reason: text }), (given) => {
      const { method, client, origin, key, reason } = given;
      const problem = new Problem("not-authorized", reason);
      const one = record({ method, client }, { status: 401, level: "warning", origin, key, problem });
      const json = createJsonFormat()(one),
        [line, ...rest] = [json, formatText(one)].map((made) => made.slice(0, -1));
      const fields = Object.keys(JSON.parse(json));
      assertEquals(fields.filter((name) => name === "level").length, 1);
      assertEquals(JSON.parse(json).logger, "tidings.access");
      for (const made of [line, ...rest]) assertMatch(made ?? "", /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u);
    }),
  );
});
