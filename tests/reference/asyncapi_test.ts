/** asyncapi: a valid document, with all close codes. */

import { assertEquals } from "@std/assert";
import specs from "@asyncapi/specs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { asyncapi } from "../../src/reference/asyncapi.ts";
import { danglingReferences } from "./dangling_references.ts";

const document = JSON.parse(JSON.stringify(asyncapi()));

Deno.test("asyncapi is valid, without dangling references", () => {
  const ajv = new Ajv({ strict: false, meta: false, validateSchema: false }); // the schema contains draft 7
  formats.default(ajv);
  const validate = ajv.compile(Object.fromEntries(Object.entries(specs.schemas["3.0.0"]))); // copies it, because the types differ
  assertEquals([validate(document), validate.errors], [true, null]);
  assertEquals(danglingReferences(document), []);
});

Deno.test("asyncapi documents what a browser does after each close code", () => {
  const codes: { code: number; then: string }[] = document.channels.connection["x-close-codes"];
  assertEquals(codes.map(({ code }) => code), Object.values(CLOSE).map(({ code }) => code));
  const adviceOf = (code: number) => codes.find((one) => one.code === code)?.then;
  assertEquals([4003, 4100, 4200, 1012].map(adviceOf), [
    "stay away",
    "back off",
    "come back",
    "back off",
  ]);
});
