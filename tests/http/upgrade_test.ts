/** refuseIfGone: clients that have gone before the answer. */

import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { problemResponse } from "../../src/http/problem_response.ts";
import { refuseIfGone } from "../../src/http/upgrade.ts";
import { toProblem } from "../../src/wire/problem.ts";
import { assertProblem } from "./assert_problem.ts";

Deno.test("refuseIfGone refuses a client that has gone, and no other", async () => {
  let failures = 0;
  const app = new Hono().get("/", async (c) => {
    await refuseIfGone(c, { onFailure: () => failures++ });
    return c.text("it is there");
  });
  app.onError((error) => problemResponse(toProblem(error)));
  assertEquals(await (await app.request("/")).text(), "it is there");
  assertEquals(failures, 0);
  await assertProblem(await app.request("/", { signal: AbortSignal.abort() }), "400 bad-request");
  assertEquals(failures, 1);
});
