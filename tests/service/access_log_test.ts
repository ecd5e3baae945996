/** AccessLog: which requests have a line, at which level, and how many lines refusals may have. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Exchange } from "../../src/http/exchange.ts";
import { AccessLog, type AccessLogDeps } from "../../src/service/access_log.ts";

const INFO = {
  remoteAddr: { transport: "tcp", hostname: "::1", port: 1 },
  completed: Promise.resolve(),
} as const;

function setUp({ logLevel = "info" }: Partial<Pick<AccessLogDeps, "logLevel">> = {}) {
  const written: string[] = [], warned: [string, Record<string, unknown>][] = [];
  const log = new AccessLog({
    logLevel,
    development: false,
    write: (lines) => void written.push(new TextDecoder().decode(lines)),
    warn: (message, properties) => void warned.push([message, properties]),
    now: () => 0,
    monotonic: () => performance.now(),
  });
  const answered = (status: number, route = "/v1/notify") =>
    log.answered(
      new Exchange({ method: "GET", route, givenId: "1", client: "::1", traceId: undefined, info: INFO }),
      status,
    );
  /** The status and level of each line so far. */
  const lines = () => {
    log.flush();
    return written.splice(0).join("").split("\n").slice(0, -1).map((line) => {
      const { status, level } = JSON.parse(line);
      return `${status} ${level}`;
    });
  };
  return { log, answered, lines, written, warned };
}

Deno.test("AccessLog logs answers at info, refusals and failures at warn, and health checks at debug", () => {
  for (
    const [logLevel, expected] of [
      ["debug", ["202 INFO", "101 INFO", "401 WARN", "500 WARN", "200 DEBUG", "503 DEBUG"]],
      ["info", ["202 INFO", "101 INFO", "401 WARN", "500 WARN"]],
      ["warning", ["401 WARN", "500 WARN"]],
      ["error", []],
    ] as const
  ) {
    const { answered, lines } = setUp({ logLevel });
    for (const status of [202, 101, 401, 500]) answered(status);
    answered(200, "/healthz");
    answered(503, "/readyz");
    assertEquals(lines(), [...expected]);
  }
});

Deno.test("AccessLog logs 60 refusals a minute with each status, and says how many it left out", () => {
  const { log, answered, lines, warned } = setUp();
  for (let count = 0; count < 1_000; count++) answered(401);
  answered(429);
  assertEquals(lines().length, 61);
  log.tick();
  assertEquals(warned.splice(0), [
    ["left out {count} requests that were answered with {status}", { status: 401, count: 940 }],
  ]);
  answered(401);
  assertEquals(lines(), ["401 WARN"]);
  log.tick();
  assertEquals(warned, []);
});

Deno.test("AccessLog leaves out no request that was served, however many there are", () => {
  const { answered, lines } = setUp();
  for (let count = 0; count < 1_000; count++) answered(202);
  assertEquals(lines().length, 1_000);
});

Deno.test("AccessLog writes the lines of a tenth of a second together, and 64 KiB at once", () => {
  using time = new FakeTime();
  const { answered, written } = setUp();
  answered(202);
  answered(202);
  assertEquals(written, []);
  time.tick(100);
  assertEquals(written.map((lines) => lines.split("\n").length - 1), [2]);
  for (let count = 0; count < 1_000; count++) answered(202);
  assertEquals(written.length > 1, true);
  time.tick(100);
  assertEquals(written.join("").split("\n").length - 1, 1_002);
});
