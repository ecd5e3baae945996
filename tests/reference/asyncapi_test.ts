/** asyncapi: a valid document, with all the close codes that there are. */

import { assertEquals } from "@std/assert";
import specs from "@asyncapi/specs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { asyncapi } from "../../src/reference/asyncapi.ts";
import { danglingIn } from "./dangling.ts";

const document = JSON.parse(JSON.stringify(asyncapi()));

Deno.test("asyncapi is valid, and refers to nothing that is not there", () => {
  const ajv = new Ajv({ strict: false, meta: false, validateSchema: false }); // the schema brings draft 7 along
  formats.default(ajv);
  const validate = ajv.compile(Object.fromEntries(Object.entries(specs.schemas["3.0.0"]))); // their types differ
  assertEquals([validate(document), validate.errors], [true, null]);
  assertEquals(danglingIn(document), []);
});

Deno.test("asyncapi says of each close code what the browser does then", () => {
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
