/** isApiError and isSequenceConflict: how errors of JetStream are recognised. */

import { assertEquals } from "@std/assert";
import { JetStreamApiError } from "@nats-io/jetstream";
import { isApiError, isSequenceConflict } from "../../src/nats/api_error.ts";

const [STORED, IN_PROCESS, OTHER] = [10_071, 10_164, 10_059].map((err_code) =>
  new JetStreamApiError({ code: 400, err_code, description: "no" })
);

Deno.test("isSequenceConflict recognises an earlier message that is stored, and one that is in process", () => {
  const errors = [STORED, IN_PROCESS, OTHER, new Error("no")];
  assertEquals(errors.map(isSequenceConflict), [true, true, false, false]);
});

Deno.test("isApiError recognises an error by its code", () => {
  assertEquals([STORED, OTHER, null].map((error) => isApiError(error, 10_059)), [false, true, false]);
});
