/** The HTTP routes as an OpenAPI document (3.1), generated from the operations and their schemas. */

import { type Scope, SCOPES } from "../wire/principal.ts";
import { KINDS, type ProblemKind } from "../wire/problem.ts";
import { VERSION } from "../wire/version.ts";
import { schemaOf, schemasIn } from "./components.ts";
import type { Body, Caller, Operation, Parameter, ResponseSpec } from "./operation.ts";
import { OPERATOR_OPERATIONS } from "./operator_operations.ts";
import { PUBLISHER_OPERATIONS } from "./publisher_operations.ts";
import { Problem } from "./responses.ts";
import { SUBSCRIBER_OPERATIONS } from "./subscriber_operations.ts";

/** The operations by tag, in the order of the page. */
export const OPERATIONS = {
  Publish: PUBLISHER_OPERATIONS,
  Subscribe: SUBSCRIBER_OPERATIONS,
  Operate: OPERATOR_OPERATIONS,
} as const;

const SECURITY = {
  subscriber: [{ subscriberToken: [] }, { cookieToken: [] }, { queryToken: [] }],
  anyone: [],
} as const satisfies Record<Exclude<Caller, "publisher">, unknown>;

const SCHEMES = {
  publisherKey: {
    type: "http",
    scheme: "bearer",
    description:
      "One of `TIDINGS_PUBLISHER_KEYS`, which may do everything, or of `TIDINGS_SCOPED_KEYS`, with " +
      `scopes: ${SCOPES.map((scope) => `\`${scope}\``).join(", ")}. Not required in development mode.`,
  },
  subscriberToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A JWT whose `sub` is the target. In development mode, `?target=` is enough.",
  },
  cookieToken: { type: "apiKey", in: "cookie", name: "tidings_token" },
  queryToken: {
    type: "apiKey",
    in: "query",
    name: "access_token",
    description: "Only with a lifetime of at most five minutes, because proxies log URLs.",
  },
};

const MISSING_SCOPE = ["missing-scope"] as const;

/** Of every operation, if limits are configured. */
const LIMITED = "quota-exceeded";
const LIMIT_FIELDS = {
  "RateLimit": 'What is left of each limit, such as `"key-requests";r=12;t=1`',
  "RateLimit-Policy": 'The limits, such as `"key-requests";q=500;w=5`',
};

const RETRY_AFTER = "When to repeat the request, in seconds";

const PROBLEM = { "application/problem+json": { schema: schemaOf(Problem) } };

/** The problems whose response has Retry-After. */
const WITH_RETRY_AFTER: readonly ProblemKind[] = [
  "unavailable",
  "too-many-connections",
  "too-many-requests",
  LIMITED,
];

const TAGS = [
  { name: "Publish", description: "For backends, which send notifications to their users" },
  { name: "Subscribe", description: "For browsers, which receive notifications" },
  { name: "Operate", description: "For operators, and the systems that watch a node" },
] as const satisfies readonly { name: keyof typeof OPERATIONS; description: string }[];

/** The URL is relative to that of the document, so that it is right behind a proxy that adds a path. */
const SERVER = { url: ".", description: "The server of this document" };

export function openapi(): object {
  const paths = pathObjects();
  return {
    openapi: "3.1.1",
    info: {
      title: "Tidings",
      version: VERSION,
      summary: "Delivers every notification to all open tabs of its target, without loss.",
      description: "The messages over WebSockets are in `asyncapi.json`, beside this document.",
      contact: { name: "Tidings" },
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [SERVER],
    tags: TAGS,
    paths,
    components: { schemas: schemasIn(paths), securitySchemes: SCHEMES },
  };
}

function pathObjects() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [tag, operations] of Object.entries(OPERATIONS)) {
    for (const operation of operations) {
      (paths[operation.path] ??= {})[operation.method] = operationObject(operation, tag);
    }
  }
  return paths;
}

function operationObject(
  { id, summary, description, caller, scope, parameters, body, ...rest }: Operation,
  tag: string,
) {
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: caller === "publisher" ? keyWith(scope) : SECURITY[caller],
    ...parameters !== undefined && { parameters: parameters.map(parameterObject) },
    ...body !== undefined && { requestBody: bodyObject(body) },
    responses: {
      ...responseObjects(rest.responses),
      ...problemObjects([...rest.problems, ...scope === undefined ? [] : MISSING_SCOPE, LIMITED, "broken"]),
      ...isOnlyUpgrade(rest.responses) && { default: { description: "Any other error", content: PROBLEM } },
    },
  };
}

/** Of a scheme that is not OAuth, the list has the roles that a caller needs. */
function keyWith(scope: Scope | undefined) {
  return [{ publisherKey: scope === undefined ? [] : [scope] }];
}

function parameterObject({ schema, ...rest }: Parameter) {
  return { ...rest, ...rest.in === "path" && { required: true }, schema: schemaOf(schema) };
}

function bodyObject({ schema, examples }: Body) {
  const named = Object.fromEntries(
    Object.entries(examples).map(([summary, value]) => [summary.replaceAll(/\W+/g, "-"), { summary, value }]),
  );
  return {
    required: true,
    content: { "application/json": { schema: schemaOf(schema), examples: named } },
  };
}

function responseObjects(responses: readonly ResponseSpec[]) {
  return Object.fromEntries(responses.map((response) => [response.status, responseObject(response)]));
}

function responseObject({ description, schema, mediaType, headers, example }: ResponseSpec) {
  const content = schema && {
    [mediaType ?? "application/json"]: { schema: schemaOf(schema), ...example !== undefined && { example } },
  };
  return { description, ...headers && { headers: headerObjects(headers) }, ...content && { content } };
}

/** Tools expect an operation to have a response of the 200s, or a default one. */
function isOnlyUpgrade(responses: readonly ResponseSpec[]): boolean {
  return responses.every(({ status }) => status === 101);
}

/** One response for each status, because several kinds can have the same status. */
function problemObjects(problems: readonly ProblemKind[]) {
  const byStatus = Map.groupBy(problems, (kind) => KINDS[kind][0]);
  return Object.fromEntries(
    Array.from(byStatus, ([status, kinds]) => {
      const titles = kinds.map((kind) => `\`${kind}\`: ${KINDS[kind][1]}`).join(". ");
      const hasRetryAfter = kinds.some((kind) => WITH_RETRY_AFTER.includes(kind));
      const headers = hasRetryAfter &&
        {
          headers: headerObjects({ "Retry-After": RETRY_AFTER, ...kinds.includes(LIMITED) && LIMIT_FIELDS }),
        };
      return [status, { description: titles, ...headers, content: PROBLEM }];
    }),
  );
}

function headerObjects(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
  );
}
