/** openapi: what generators of clients need, so that the code compiles and says what the service accepts. */

import { assert, assertEquals } from "@std/assert";
import { openapi } from "../../src/reference/openapi.ts";

const document = JSON.parse(JSON.stringify(openapi()));
const schemas: Record<string, Record<string, unknown>> = document.components.schemas;

interface Place {
  /** Such as `components/schemas/Notify`. */
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Every object of the document, but for examples. */
function objectsIn(value: unknown, path: string): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).filter(([name]) => name !== "example" && name !== "examples")
    .flatMap(([name, inner]) => objectsIn(inner, `${path}/${name.replaceAll("/", "~1")}`));
  return [{ path, value: { ...value } }, ...inner];
}

const objects = objectsIn(document, "");
const inSchemas = objects.filter(({ path }) => path.startsWith("/components/schemas/"));
const operationIds: string[] = objects.map(({ value }) => value.operationId).filter((id) =>
  typeof id === "string"
);
const pathsOf = (places: readonly Place[]) => places.map(({ path }) => path);

/** `listConnections` becomes `ListConnections` in the names of types. */
const typeName = (id: string) => id.charAt(0).toUpperCase() + id.slice(1);

Deno.test("openapi has a named schema for every body and every answer that has content", () => {
  const contents = objects.filter(({ path }) => /\/content\/[^/]+$/.test(path));
  assert(contents.length > 20);
  for (const { path, value: { schema } } of contents) {
    assert(Object.keys(Object(schema)).join() === "$ref", path);
  }
});

Deno.test("openapi has alternatives only as named schemas, whose parts have names", () => {
  const alternatives = objects.filter(({ value }) =>
    "oneOf" in value || "anyOf" in value || "allOf" in value
  );
  assert(alternatives.length >= 3);
  for (const { path, value: { oneOf } } of alternatives) {
    assert(/^\/components\/schemas\/\w+$/.test(path), path);
    assert(Array.isArray(oneOf) && oneOf.every((part) => Object.keys(part).join() === "$ref"), path);
  }
});

Deno.test("openapi has a name for every object with properties", () => {
  const found = objects.filter(({ value }) => value.type === "object");
  assertEquals(pathsOf(found.filter(({ path }) => !/^\/components\/schemas\/\w+$/.test(path))), []);
});

Deno.test("openapi gives every number its width, which is 64 bits unless the limits are smaller", () => {
  for (const { path, value } of inSchemas) {
    const types = [value.type].flat();
    if (types.includes("number")) assertEquals(value.format, "double", path);
    if (!types.includes("integer")) continue;
    const isSmall = typeof value.maximum === "number" && value.maximum < 2 ** 31;
    assertEquals(value.format, isSmall ? "int32" : "int64", path);
  }
  const { ttl } = Object(schemas.Notify?.properties);
  assertEquals(ttl.format, "int64");
});

Deno.test("openapi has no default and no constant boolean, of which generators make something else", () => {
  assertEquals(pathsOf(inSchemas.filter(({ value }) => "default" in value)), []);
  assertEquals(pathsOf(inSchemas.filter(({ value }) => typeof value.const === "boolean")), []);
  assertEquals(schemas.TokenRequest?.required, ["target"]);
});

Deno.test("openapi has no name that generators give to two things", () => {
  const suffixes = ["Request", "Response", "Params", "Body", "Data", "Error", "Errors", "Result", "Headers"];
  const byOperation = operationIds.flatMap((id) => suffixes.map((suffix) => typeName(id) + suffix));
  const reserved = [
    "Client",
    "Api",
    "Configuration",
    "Response",
    "Request",
    "Error",
    "File",
    "Any",
    "Object",
  ];
  const schemes = Object.keys(document.components.securitySchemes).map(typeName);
  const names = [...Object.keys(schemas), ...schemes, ...byOperation].map((name) => name.toLowerCase());
  assertEquals(names.filter((name, index) => names.indexOf(name) !== index), []);
  const taken = [...operationIds, ...Object.keys(schemas)].map(typeName);
  assertEquals(taken.filter((name) => reserved.includes(name)), []);
});

Deno.test("openapi has an id for every operation, unlike any other and any schema but Notify", () => {
  assertEquals(new Set(operationIds.map((id) => id.toLowerCase())).size, operationIds.length);
  const shared = operationIds.filter((id) => typeName(id) in schemas);
  assertEquals(shared, ["notify"]); // the operation is a function, and the schema is a type
});

Deno.test("openapi names the server by the URL of the document, because a proxy may put a path in front of it", () => {
  const [{ url }, ...others] = document.servers;
  assertEquals(others, []);
  for (const base of ["https://push.example.com/", "https://example.com/push/"]) {
    assertEquals(new URL(url, `${base}openapi.json`).href, base);
  }
});

Deno.test("openapi has only schemas that it uses", () => {
  const used = new Set(
    objects.map(({ value: { $ref } }) => typeof $ref === "string" && $ref.split("/").at(-1)),
  );
  assertEquals(Object.keys(schemas).filter((name) => !used.has(name)), []);
});
