/** asyncapi: a document that AsyncAPI's own parser accepts, with all close codes and only the schemas that it uses. */

import { assert, assertEquals } from "@std/assert";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { asyncapi } from "../../src/reference/asyncapi.ts";
import { danglingReferences, references } from "./references.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import { TOOLS } from "./tools.ts";

const document = JSON.parse(JSON.stringify(asyncapi()));

/** Prints each complaint of the parser as a line. A newer version of AsyncAPI is none. */
const PARSE = `
import { Parser } from "${TOOLS.asyncapiParser}";
const { document, diagnostics } = await new Parser().parse(Deno.readTextFileSync("asyncapi.json"));
for (const { code, message, path } of diagnostics) {
  if (code !== "asyncapi-latest-version") console.log(code, message, path.join("."));
}
console.log(document?.info().title() ?? "no document");
`;

Deno.test("asyncapi passes the official parser, without dangling references", async () => {
  await using folder = new TemporaryFolder();
  await folder.write("asyncapi.json", JSON.stringify(document));
  await folder.write("parse.ts", PARSE);
  const { stdout, stderr } = await folder.runModule("parse.ts");
  assertEquals(stdout.trimEnd(), "Tidings", stderr);
  assertEquals(danglingReferences(document), []);
});

Deno.test("asyncapi has only schemas that it uses, and all of them", () => {
  const used = new Set(references(document).map((reference) => reference.split("/").at(-1)));
  const schemas = Object.keys(document.components.schemas);
  assertEquals(schemas.filter((name) => !used.has(name)), []);
  assert(
    schemas.includes("Welcome") && schemas.includes("PublishWelcome") && schemas.includes("Ack"),
    schemas.join(),
  );
});

Deno.test("asyncapi names the server by variables, because a proxy may put a path in front of it", () => {
  const { host, pathname, variables } = document.servers.tidings;
  assertEquals([host, pathname, Object.keys(variables)], ["{host}", "{path}", ["host", "path"]]);
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
