import { assertEquals } from "@std/assert";
import { JetStreamApiError } from "@nats-io/jetstream";
import { isApiError, isOvertaken } from "../../src/nats/api_error.ts";

const [STORED, ON_ITS_WAY, OTHER] = [10_071, 10_164, 10_059].map((err_code) =>
  new JetStreamApiError({ code: 400, err_code, description: "no" })
);

Deno.test("isOvertaken knows what is stored and what is on its way", () => {
  assertEquals([STORED, ON_ITS_WAY, OTHER, new Error("no")].map(isOvertaken), [true, true, false, false]);
});

Deno.test("isApiError knows an error by its code", () => {
  assertEquals([STORED, OTHER, null].map((error) => isApiError(error, 10_059)), [false, true, false]);
});
