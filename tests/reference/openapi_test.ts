/** openapi: a valid document of all routes, with examples that fit their schemas. */

import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { asyncapi } from "../../src/reference/asyncapi.ts";
import { openapi, OPERATIONS } from "../../src/reference/openapi.ts";
import type { Operation } from "../../src/reference/operation.ts";
import { VERSION } from "../../src/wire/version.ts";
import { createTestApp } from "../http/test_app.ts";
import { danglingReferences } from "./references.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import { TOOLS } from "./tools.ts";

/** The parts of the document that these tests read. */
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

Deno.test("openapi passes Redocly's recommended rules without a warning, and has no dangling references", async () => {
  await using folder = new TemporaryFolder();
  await folder.write("openapi.json", JSON.stringify(openapi()));
  const { stdout, stderr } = await folder.runModule(TOOLS.redocly, ["lint", "openapi.json", "--format=json"]);
  const { totals, problems } = JSON.parse(stdout || JSON.stringify({ problems: stderr }));
  assertEquals(problems, []);
  assertEquals(totals, { errors: 0, warnings: 0, ignored: 0 });
  assertEquals(danglingReferences(openapi()), []);
});

Deno.test("openapi describes exactly the routes that do not serve pages", () => {
  const servesPage = (path: string) =>
    /^\/(pages\/.*|docs|console|console\/events|[a-z]+api\.json|tidings\.v1\..*)?$/.test(path);
  const routes = createTestApp().app.routes.filter(({ method, path }) =>
    ["GET", "POST", "DELETE"].includes(method) && !servesPage(path)
  );
  const expected = new Set(
    routes.map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`),
  );
  assertEquals(
    operations.map(({ method, path }) => `${method} ${path}`).toSorted(),
    [...expected].toSorted(),
  );
});

Deno.test("openapi and asyncapi name the version of the server", () => {
  for (const document of [openapi(), asyncapi()]) {
    assertEquals(z.object({ info: z.object({ version: z.string() }) }).parse(document).info.version, VERSION);
  }
});

Deno.test("openapi has no regular expression that is longer than a line", () => {
  const patterns = JSON.stringify(openapi()).matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g);
  assertEquals(Array.from(patterns, ([, pattern = ""]) => pattern).filter(({ length }) => length > 60), []);
});

Deno.test("openapi has a name for every object in an array", () => {
  const document = JSON.stringify(openapi());
  assertEquals(document.match(/"items":\{"type":"object"/g), null);
});

Deno.test("openapi documents Retry-After for every 429 and 503", () => {
  const { paths } = Document.parse(JSON.parse(JSON.stringify(openapi())));
  for (const { operationId, responses } of Object.values(paths).flatMap((path) => Object.values(path))) {
    for (const status of ["429", "503"]) {
      const answer = responses[status];
      assert(answer === undefined || answer.headers?.["Retry-After"], `${operationId}: ${status}`);
    }
  }
});

function fits(schema: z.ZodType | undefined, example: unknown): boolean {
  return schema?.safeParse(example).success ?? false;
}

for (const { id, body, responses, parameters = [] } of operations) {
  Deno.test(`openapi has examples of ${id} that fit their schemas`, () => {
    for (const [name, example] of Object.entries(body?.examples ?? {})) {
      assert(fits(body?.schema, example), name);
    }
    for (const { example, schema, status } of responses) {
      assert(example === undefined || fits(schema, example), `${status}`);
    }
    for (const { example, schema, name } of parameters) {
      assert(example === undefined || fits(schema, example), name);
    }
  });
}
