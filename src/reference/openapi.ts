/** The HTTP interface as an OpenAPI document (3.1), made of the operations and of the schemas at the doors. */

import { KINDS, type ProblemKind } from "../wire/problem.ts";
import { Problem } from "./answers.ts";
import { oneOf, schemaOf, schemas } from "./components.ts";
import type { Audience, Body, Operation, Parameter, ResponseSpec } from "./operation.ts";
import { OPERATOR_OPERATIONS } from "./operator_operations.ts";
import { PUBLISHER_OPERATIONS } from "./publisher_operations.ts";
import { SUBSCRIBER_OPERATIONS } from "./subscriber_operations.ts";

/** Of whom each operation is; the page shows them in this order. */
export const OPERATIONS = {
  Publish: PUBLISHER_OPERATIONS,
  Subscribe: SUBSCRIBER_OPERATIONS,
  Operate: OPERATOR_OPERATIONS,
} as const;

const SECURITY = {
  publisher: [{ publisherKey: [] }],
  subscriber: [{ token: [] }, { tokenInCookie: [] }, { tokenInQuery: [] }],
  anyone: [],
} as const satisfies Record<Audience, unknown>;

const SCHEMES = {
  publisherKey: {
    type: "http",
    scheme: "bearer",
    description: "One of `TIDINGS_PUBLISHER_KEYS`. In development mode nobody is asked for it.",
  },
  token: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A JWT whose `sub` is the target. In development mode `?target=` alone is enough.",
  },
  tokenInCookie: { type: "apiKey", in: "cookie", name: "tidings_token" },
  tokenInQuery: {
    type: "apiKey",
    in: "query",
    name: "access_token",
    description: "Only if it lives for five minutes at most: proxies log URLs.",
  },
};

/** The problems that tell when it is worth trying again. */
const RETRIED: readonly ProblemKind[] = ["unavailable", "too-many-connections", "too-many-requests"];

export function openapi(): object {
  return {
    openapi: "3.1.1",
    info: {
      title: "Tidings",
      version: "1",
      summary: "Puts a notification on every browser tab that its target has open, and loses none.",
      description: "What goes over a connection is in `/asyncapi.json`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: Object.keys(OPERATIONS).map((name) => ({ name })),
    paths: paths(),
    components: { schemas: schemas(), securitySchemes: SCHEMES },
  };
}

function paths() {
  const all: Record<string, Record<string, unknown>> = {};
  for (const [tag, operations] of Object.entries(OPERATIONS)) {
    for (const operation of operations) {
      (all[operation.path] ??= {})[operation.method] = documented(operation, tag);
    }
  }
  return all;
}

function documented({ id, summary, description, asker, parameters, body, ...rest }: Operation, tag: string) {
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...description !== "" && { description },
    security: SECURITY[asker],
    ...parameters !== undefined && { parameters: parameters.map(parameterOf) },
    ...body !== undefined && { requestBody: bodyOf(body) },
    responses: { ...responses(rest.answers), ...refusals(rest.problems) },
  };
}

function parameterOf({ schema, ...rest }: Parameter) {
  return { ...rest, ...rest.in === "path" && { required: true }, schema: schemaOf(schema) };
}

function bodyOf({ schemas, examples }: Body) {
  const named = Object.fromEntries(
    Object.entries(examples).map(([summary, value]) => [summary.replaceAll(/\W+/g, "-"), { summary, value }]),
  );
  return {
    required: true,
    content: { "application/json": { schema: oneOf(schemas), examples: named } },
  };
}

function responses(answers: readonly ResponseSpec[]) {
  return Object.fromEntries(answers.map((answer) => [answer.status, responseOf(answer)]));
}

function responseOf({ description, schemas, type, headers, example }: ResponseSpec) {
  const json = schemas && {
    "application/json": { schema: oneOf(schemas), ...example !== undefined && { example } },
  };
  const content = json ?? (type && { [type]: {} });
  return { description, ...headers && { headers: headersOf(headers) }, ...content && { content } };
}

/** One response for each status, which several kinds may share. */
function refusals(problems: readonly ProblemKind[]) {
  const byStatus = Map.groupBy(problems, (kind) => KINDS[kind][0]);
  return Object.fromEntries(
    Array.from(byStatus, ([status, kinds]) => {
      const titles = kinds.map((kind) => `\`${kind}\`: ${KINDS[kind][1]}`).join(". ");
      const isRetried = kinds.some((kind) => RETRIED.includes(kind));
      const headers = isRetried && { headers: headersOf({ "Retry-After": "Seconds" }) };
      const content = { "application/problem+json": { schema: schemaOf(Problem) } };
      return [status, { description: titles, ...headers, content }];
    }),
  );
}

function headersOf(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
  );
}
