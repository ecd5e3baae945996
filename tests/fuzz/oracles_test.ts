/** The oracles notice what they are for: each is given something that is wrong. */

import { assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { Answer } from "../conformance/client/answer.ts";
import { encodeFrame } from "../conformance/client/frame.ts";
import type { Json, Schema } from "./json/json.ts";
import { misfitOf } from "./json/schema_check.ts";
import { valuesOf } from "./json/schema_values.ts";
import { kindOfProblem } from "./problem_check.ts";
import type { ApiDocument } from "./routes/api_document.ts";
import { checkAnswer } from "./routes/answer_check.ts";
import type { RouteRequest } from "./routes/route_request.ts";
import { parseGauges } from "./service/gauges.ts";
import { OutputCheck } from "./service/output_check.ts";
import { FrameBudget } from "./sdk/frame_budget.ts";
import { ServerSide } from "./publisher/server_side.ts";
import { bytesOf } from "./socket/frame_bytes.ts";
import { Violation } from "./violation.ts";

const NAME: Schema = { type: "string", minLength: 1, maxLength: 8, pattern: "^[a-z]{1,8}$" };
const BODY: Schema = {
  type: "object",
  properties: {
    name: NAME,
    count: { type: "integer", minimum: 1, maximum: 3 },
    list: { type: "array", items: NAME },
  },
  required: ["name"],
  additionalProperties: false,
};
const DOCUMENT: ApiDocument = {
  schemas: {},
  operations: [{
    ...{
      method: "POST",
      path: "/things/{id}",
      parameters: [],
      body: BODY,
      examples: [],
      caller: { scope: "publish" },
    },
    answers: {
      202: { description: "Kept", content: { "application/json": { schema: BODY } } },
      422: { description: "`does-not-fit`: no" },
    },
  }],
};
const REQUEST: RouteRequest = {
  ...{ method: "POST", path: "/things/1", credential: "all", credentialIn: "header", headers: [] },
  ...{ body: '{"name":"a"}', bytes: null, framing: "length" },
};

function problem(status: number, type: string): Answer {
  const body = JSON.stringify({ type: `urn:tidings:problem:${type}`, title: "T", status, detail: "d" });
  return answer(status, body, "application/problem+json");
}

function answer(status: number, body: string, type = "application/json"): Answer {
  return new Answer(status, {
    headers: new Headers({ "content-type": type }),
    bytes: new TextEncoder().encode(body),
  });
}

function check(given: Answer, request: RouteRequest = REQUEST): void {
  const sent = new TextEncoder().encode(request.body ?? "");
  checkAnswer(request, given, { document: DOCUMENT, secrets: ["hush"], sent });
}

Deno.test("checkAnswer accepts what the document says", () => {
  check(answer(202, '{"name":"a"}'));
  check(problem(422, "does-not-fit"));
});

for (
  const [what, given, request] of [
    ["a status that is not documented", answer(200, "{}")],
    ["a body that does not fit", answer(202, '{"name":1}')],
    ["a failure of the server", problem(500, "broken")],
    ["a refusal that is no problem", answer(422, "no", "text/plain")],
    ["a kind that is not documented", problem(422, "id-conflict")],
    ["a kind with another status", problem(422, "not-found")],
    ["a secret", answer(202, '{"name":"hush"}')],
    ["what the key may not do", answer(202, '{"name":"a"}'), { ...REQUEST, credential: "read" as const }],
    ["what nobody may do", answer(202, '{"name":"a"}'), { ...REQUEST, credential: "none" as const }],
    ["a body that the document forbids", answer(202, '{"name":"a"}'), { ...REQUEST, body: '{"name":"A"}' }],
    ["a method that the document does not have", answer(200, "{}"), { ...REQUEST, method: "PUT" }],
  ] as const
) {
  Deno.test(`checkAnswer refuses ${what}`, () => {
    assertThrows(() => check(given, request), Violation);
  });
}

Deno.test("misfitOf takes every value that valuesOf generates, and names what does not fit", () => {
  fc.assert(
    fc.property(valuesOf(BODY, {}), (value) => misfitOf(value, { schema: BODY, schemas: {} }) === null),
  );
  const misfit = (value: Json) => misfitOf(value, { schema: BODY, schemas: {} });
  assertEquals(misfit({ name: "a", count: 4 }), "the body.count is more than 3");
  assertEquals(misfit({ name: "a", list: ["a", ""] }), "the body.list.1 is shorter than 1");
  assertEquals(misfit(JSON.parse('{"name":"a","__proto__":1}')), "the body has an unknown member __proto__");
  assertEquals(misfit({}), "the body has no name");
});

Deno.test("kindOfProblem refuses unknown kinds, and that the server is broken", () => {
  assertEquals(kindOfProblem(JSON.parse(problem(404, "not-found").text)), "not-found");
  for (
    const wrong of [null, {}, JSON.parse(problem(500, "broken").text), JSON.parse(problem(404, "x").text)]
  ) {
    assertThrows(() => kindOfProblem(wrong), Violation);
  }
});

Deno.test("OutputCheck notices errors, exceptions and secrets, in whole lines, once each", () => {
  const output = new OutputCheck(["hush"]);
  output.check('{"level":"INFO"}\n{"level":"WARNING","message":"error: x"}\nhalf a line with hu');
  assertThrows(() =>
    output.check('{"level":"INFO"}\n{"level":"WARNING","message":"error: x"}\nhalf a line with hush\n')
  );
  for (
    const line of ['{"level":"ERROR"}', '{"level":"FATAL"}', "error: Uncaught (in promise) x", "panicked"]
  ) {
    assertThrows(() => new OutputCheck([]).check(`${line}\n`), Violation);
  }
});

Deno.test("parseGauges sums what has one name, and refuses what is no sample", () => {
  const text = '# HELP a b\n# TYPE a gauge\na{x="1",y="\\""} 2\na{x="2"} 3e1\nb_total 0\n';
  assertEquals([...parseGauges(text)], [["a", 32], ["b_total", 0]]);
  for (const wrong of ["a", "a b", 'a{x="} 1', "a 1 2 3", 'a{x="1"y="2"} 1']) {
    assertThrows(() => parseGauges(`${wrong}\n`), Violation);
  }
});

Deno.test("FrameBudget and ServerSide refuse what a server would", () => {
  const frames = new FrameBudget(() => 0);
  for (let count = 0; count < 50; count++) assertEquals(frames.spend("[1]"), null);
  assertEquals(frames.spend("[1]"), "the client has sent more than 50 frames at once and 10 a second");
  assertEquals(
    new FrameBudget(() => 0).spend(`["${"x".repeat(70_000)}"]`),
    "the client has sent a frame of 70004 bytes",
  );
  const side = new ServerSide({ notifications: 2, bytes: 1_000 });
  assertEquals([side.add('[{"id":"a"},{"id":"b"},{"id":"c"}]'), side.add("{}")], [
    null,
    "a notification has no id: {}",
  ]);
  side.answered();
  assertEquals([side.add('{"id":"a"}'), side.add('[{"id":"b"},{"id":"c"}]')], [
    null,
    "3 notifications of 33 bytes are unanswered",
  ]);
});

Deno.test("bytesOf makes frames that claim another length, and messages in fragments", () => {
  const payload = { text: "hello" }, fill = (text: string) => text;
  const frame = {
    do: "frame",
    opcode: 1,
    fin: true,
    rsv: 0,
    isMasked: false,
    lengthBytes: null,
    payload,
  } as const;
  assertEquals([...bytesOf({ ...frame, claims: null }, fill)], [
    0x81,
    5,
    ...new TextEncoder().encode("hello"),
  ]);
  assertEquals([...bytesOf({ ...frame, claims: 65_536 }, fill).subarray(0, 10)], [
    0x81,
    127,
    0,
    0,
    0,
    0,
    0,
    1,
    0,
    0,
  ]);
  const parts = [["h", 1, false], ["ell", 0, false], ["o", 0, true]] as const;
  const expected = parts.flatMap((
    [text, opcode, fin],
  ) => [...encodeFrame({ opcode, payload: new TextEncoder().encode(text) }, { fin })]);
  assertEquals([...bytesOf({ do: "fragments", payload, sizes: [1, 3] }, fill)], expected);
});
