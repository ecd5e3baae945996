/** connectError: the code, the message and the detail of each problem. */

import { assert, assertEquals } from "@std/assert";
import { Code } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { CODES, connectError } from "../../../src/sources/rpc/connect_error.ts";
import { KINDS, Problem, type ProblemKind } from "../../../src/wire/problem.ts";

for (const kind of Object.keys(KINDS).filter((kind): kind is ProblemKind => kind in KINDS)) {
  Deno.test(`connectError has a code for ${kind}, and the whole problem as a detail`, () => {
    const errors = [{ path: "target", message: "is wrong" }];
    const problem = new Problem(kind, "why it is refused", { errors, headers: { "retry-after": "7" } });
    const { code, rawMessage, metadata, details: [detail] } = connectError(problem);
    assertEquals([code, rawMessage, metadata.get("retry-after")], [CODES[kind], "why it is refused", "7"]);
    assert(detail !== undefined && "desc" in detail);
    const { $typeName: _, errors: [violation], ...members } = Object(detail.value);
    const { errors: _errors, ...expected } = problem.toJSON();
    assertEquals(members, expected);
    assertEquals([violation.path, violation.message], ["target", "is wrong"]);
  });
}

Deno.test("connectError has clients repeat only what may succeed later", () => {
  const repeated = Object.entries(CODES).filter(([, code]) => code === Code.Unavailable).map(([kind]) =>
    kind
  );
  assertEquals(repeated, ["unavailable"]);
});

Deno.test("The protocol's page has a row for the code of each kind of problem", async () => {
  const page = await Deno.readTextFile(new URL("../../../src/wire/README.md", import.meta.url));
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| `([a-z_]+)` +\|$/gm)].map((
    [, kind, code],
  ) => [kind, code]);
  assertEquals(rows, Object.entries(CODES).map(([kind, code]) => [kind, codeToString(code)]));
});
