/** Tests failureReason: why a request got no answer, without its URL. */

import { assertEquals } from "@std/assert";
import { failureReason } from "../../src/wire/failure_reason.ts";

const URL_AND_NAME = { url: "https://example.com/hunter2", name: "the webhook" };

Deno.test("failureReason returns the innermost cause, with a name in place of the URL", () => {
  const cause = new Error("https://example.com/hunter2: refused, https://example.com/hunter2");
  const error = new TypeError("failed", { cause: new Error("client error", { cause }) });
  assertEquals(failureReason(error, URL_AND_NAME), "the webhook: refused, the webhook");
});

Deno.test("failureReason returns the message of an error without a cause, and the text of anything else", () => {
  assertEquals(failureReason(new Error("stopped"), URL_AND_NAME), "stopped");
  assertEquals(failureReason(new Error("failed", { cause: "reset" }), URL_AND_NAME), "reset");
  assertEquals(failureReason("https://example.com/hunter2", URL_AND_NAME), "the webhook");
});
