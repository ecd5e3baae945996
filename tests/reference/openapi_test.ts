/** openapi: a valid document, of all routes that there are and no other, whose examples are what is taken and answered. */

import { assert, assertEquals } from "@std/assert";
import { Validator } from "@seriousme/openapi-schema-validator";
import { z } from "zod";
import { openapi, OPERATIONS } from "../../src/reference/openapi.ts";
import type { Operation } from "../../src/reference/operation.ts";
import { createTestApp } from "../http/test_app.ts";
import { danglingIn } from "./dangling.ts";

/** As much of the document as is asked of it here. */
const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        responses: z.record(
          z.string(),
          z.object({ headers: z.record(z.string(), z.unknown()).optional() }),
        ),
      }),
    ),
  ),
});

const operations: readonly Operation[] = Object.values(OPERATIONS).flat();

Deno.test("openapi is valid, and refers to nothing that is not there", async () => {
  const document = JSON.parse(JSON.stringify(openapi()));
  const { valid, errors } = await new Validator().validate(document);
  assertEquals([valid, errors], [true, undefined]);
  assertEquals(danglingIn(document), []);
});

Deno.test("openapi has all routes but those of pages, and no others", () => {
  const isOfPages = (path: string) =>
    /^\/(pages\/.*|docs|console|console\/events|[a-z]+api\.json)?$/.test(path);
  const routes = createTestApp().app.routes.filter(({ method, path }) =>
    method !== "OPTIONS" && !isOfPages(path)
  )
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  assertEquals(operations.map(({ method, path }) => `${method} ${path}`).toSorted(), routes.toSorted());
});

Deno.test("openapi says of every 429 and 503 that it comes with Retry-After, as it does", () => {
  const { paths } = Document.parse(JSON.parse(JSON.stringify(openapi())));
  for (const { operationId, responses } of Object.values(paths).flatMap((path) => Object.values(path))) {
    for (const status of ["429", "503"]) {
      const answer = responses[status];
      assert(answer === undefined || answer.headers?.["Retry-After"], `${operationId}: ${status}`);
    }
  }
});

function fitsOne(schemas: readonly z.ZodType[], example: unknown): boolean {
  return schemas.some((schema) => schema.safeParse(example).success);
}

for (const { id, body, answers, parameters = [] } of operations) {
  Deno.test(`openapi's examples of ${id} fit their schemas`, () => {
    for (const [name, example] of Object.entries(body?.examples ?? {})) {
      assert(fitsOne(body?.schemas ?? [], example), name);
    }
    for (const { example, schemas = [], status } of answers) {
      assert(example === undefined || fitsOne(schemas, example), `${status}`);
    }
    for (const { example, schema, name } of parameters) {
      assert(example === undefined || schema.safeParse(example).success, name);
    }
  });
}
