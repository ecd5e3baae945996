import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatterFor } from "../../src/service/log.ts";

const error = new Error("the disk is full");
const FAILED = {
  category: ["tidings"],
  level: "error",
  message: ["failed: ", error, ""],
  rawMessage: "failed: {error}",
  timestamp: 0,
  properties: { error },
} as const;

Deno.test("formatterFor machines says in the message why something failed, and has the stack beside it", () => {
  const { message, error: told } = JSON.parse(formatterFor({ development: false })(FAILED));
  assertEquals(message, 'failed: "the disk is full"');
  assertEquals([told.message, told.stack], [error.message, error.stack]);
});

Deno.test("formatterFor people prints the stack", () => {
  assertStringIncludes(formatterFor({ development: true })(FAILED), `failed: ${error.stack}`);
});
