/** The end of a connection, and what the SDK does next. */

import { assert, assertEquals } from "@std/assert";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { adviceAfter, parseRefusal } from "../../src/client/connection_end.ts";
import { Problem, unavailable } from "../../src/wire/problem.ts";

function refusal(problem: Problem): Promise<Awaited<ReturnType<typeof parseRefusal>>> {
  const { status, headers } = problem;
  return parseRefusal(new Response(JSON.stringify(problem), { status, headers }));
}

Deno.test("adviceAfter follows the range of the close code", () => {
  const advice = (code: number) => adviceAfter({ code, reason: "" });
  assertEquals(Object.values(CLOSE).map(({ code }) => `${code}: ${advice(code)}`), [
    "1009: back off",
    "1011: back off",
    "1012: back off",
    "1012: back off",
    "1012: back off",
    "4001: come back",
    "4003: stay away",
    "4004: stay away",
    "4100: back off",
    "4101: back off",
    "4102: back off",
    "4200: come back",
    "4201: come back",
  ]);
  assertEquals([1000, 1001, 1005, 1006, 3999, 4099, 4199, 4299, 4300].map(advice), [
    ...Array(5).fill("back off"),
    "stay away",
    "back off",
    "come back",
    "back off",
  ]);
});

Deno.test("adviceAfter follows the status of a refusal", async () => {
  const advice = async (problem: Problem) => adviceAfter(await refusal(problem));
  assertEquals(await advice(new Problem("not-authorized", "")), "come back");
  assertEquals(await advice(new Problem("revoked", "")), "come back");
  assertEquals(await advice(new Problem("origin-not-allowed", "")), "stay away");
  assertEquals(await advice(new Problem("bad-request", "")), "stay away");
  for (const kind of ["too-many-connections", "upgrade-required", "broken", "not-found"] as const) {
    assertEquals(await advice(new Problem(kind, "")), "back off", kind);
  }
  assertEquals(adviceAfter({ reason: "the network" }), "back off");
});

Deno.test("adviceAfter backs off after a refusal that Tidings did not give, whatever its status", async () => {
  const bodies = [
    "<h1>Blocked</h1>",
    "",
    "null",
    '{"type":"about:blank","title":"Forbidden"}',
    '{"title":"x"}',
  ];
  for (const status of [400, 401, 403, 404, 426, 451, 500]) {
    for (const body of bodies) {
      const end = await parseRefusal(new Response(body, { status }));
      assertEquals([adviceAfter(end), end.reason], ["back off", `${status}`], body);
    }
  }
});

Deno.test("parseRefusal reads the problem and the Retry-After of the response", async () => {
  assertEquals(await refusal(unavailable("this node is full", { seconds: 5 })), {
    status: 503,
    isOurs: true,
    reason: "503 Temporarily unavailable: this node is full",
    minMs: 5_000,
  });
});

Deno.test("parseRefusal accepts any answer of a proxy", async () => {
  const headers = { "retry-after": new Date(Date.now() + 60_000).toUTCString() };
  const { status, reason, minMs = 0 } = await parseRefusal(
    new Response("<h1>Bad gateway", { status: 502, headers }),
  );
  assertEquals([status, reason], [502, "502"]);
  assert(minMs > 50_000 && minMs <= 60_000, `${minMs}`);
  for (const body of ["null", '"no"', "[]"]) {
    assertEquals((await parseRefusal(new Response(body, { status: 401 }))).status, 401, body);
  }
  const tooLong = new Response("", { status: 503, headers: { "retry-after": "9999999999" } });
  assertEquals((await parseRefusal(tooLong)).minMs, 3_600_000);
  for (const value of ["soon", "-1", "0", new Date(0).toUTCString()]) {
    const response = new Response("", { status: 503, headers: { "retry-after": value } });
    assertEquals((await parseRefusal(response)).minMs, 0, value);
  }
});
