/** A request of the fuzzer to a route: JSON, so that it can be kept in a file. */

import * as fc from "fast-check";
import type { Json } from "../json/json.ts";
import { nearlyJson } from "../json/mutations.ts";
import { valuesOf } from "../json/schema_values.ts";
import { type Credential, CREDENTIALS, PUSH_ORIGIN, TARGET } from "../service/secrets.ts";
import type { ApiDocument, Operation, Parameter } from "./api_document.ts";
import { headers } from "./header_values.ts";

export interface RouteRequest {
  readonly method: string;
  readonly path: string;
  /** By `Authorization`, or in the query or the cookie, as tokens may be. */
  readonly credential: Credential;
  readonly credentialIn: "header" | "query" | "cookie";
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Null: none. */
  readonly body: string | null;
  /** Bytes that are put into the body, which is no UTF-8 then. */
  readonly bytes: { readonly at: number; readonly hex: string } | null;
  /** `chunked` gives no length; `cut` breaks off in the middle. */
  readonly framing: "length" | "chunked" | "cut";
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];

/** Mostly null. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

/** Texts of a path or a query, also those that are no valid escape. */
const rawTexts = fc.constantFrom(
  "%",
  "%ZZ",
  "%00",
  "%2F",
  "..",
  "%2e%2e",
  ".",
  "%C3",
  "a+b",
  "%F0%9F%94%94",
  "a%0Ab",
);

function textsOf({ schema }: Parameter, { schemas }: ApiDocument): fc.Arbitrary<string> {
  const encoded = (value: Json) =>
    encodeURIComponent(String(value).toWellFormed()).replaceAll("%7B%7B", "{{")
      .replaceAll("%7D%7D", "}}");
  return fc.oneof(
    { weight: 5, arbitrary: valuesOf(schema, schemas).map(encoded) },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme" }).map(encoded) },
    { weight: 1, arbitrary: rawTexts },
  );
}

function pathsOf({ path, parameters }: Operation, document: ApiDocument): fc.Arbitrary<string> {
  const inPath = parameters.filter((one) => one.in === "path");
  const inQuery = parameters.filter((one) => one.in === "query");
  const values = fc.tuple(...inPath.map((one) => textsOf(one, document)));
  const queries = fc.tuple(...inQuery.map((one) => fc.option(textsOf(one, document), { freq: 3 })));
  const extra = seldom(
    fc.constantFrom("x=1", "after", "&&", "=", "__proto__=1", "%", "target=burr", "limit=1&limit=2"),
  );
  return fc.tuple(values, queries, extra).map(([values, queries, extra]) => {
    const filled = inPath.reduce(
      (text, { name }, at) => text.replace(`{${name}}`, () => values[at] || "%20"),
      path,
    );
    const query = [
      ...inQuery.flatMap(({ name }, at) => queries[at] === null ? [] : [`${name}=${queries[at]}`]),
    ];
    if (extra !== null) query.push(extra);
    return query.length === 0 ? filled : `${filled}?${query.join("&")}`;
  });
}

/** The token of all requests must stay valid, and no push leaves this machine. */
function harmless(path: string, text: string): string {
  if (path === "/v1/revocations") return text.replaceAll(TARGET, "burr");
  return path.startsWith("/v1/push/") ? text.replaceAll(/https:\/\/[\w.:]+/g, PUSH_ORIGIN) : text;
}

function bodiesOf(
  { path, body, examples }: Operation,
  { schemas }: ApiDocument,
): fc.Arbitrary<string | null> {
  if (body === null) return fc.constantFrom(null, null, null, "", "{}", "x".repeat(10_000));
  const values = valuesOf(body, schemas);
  const some = examples.length === 0
    ? values
    : fc.oneof({ weight: 4, arbitrary: values }, fc.constantFrom(...examples));
  return fc.oneof(
    {
      weight: 30,
      arbitrary: nearlyJson(some).map((text) => harmless(path, text)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        null,
        "",
        "null",
        "[]",
        "{}",
        `"${"x".repeat(1_100_000)}"`,
        "[".repeat(100_000),
      ),
    },
  );
}

/** Who should call it, and often somebody else. */
function credentialsFor({ caller }: Operation): fc.Arbitrary<Credential> {
  const right = caller === "subscriber" ? "token" : "all";
  return fc.oneof({ weight: 9, arbitrary: fc.constant<Credential>(right) }, fc.constantFrom(...CREDENTIALS));
}

/** Requests to all operations of the document, more to those with a body, which have more to get wrong. */
export function routeRequests(document: ApiDocument): fc.Arbitrary<RouteRequest> {
  return fc.oneof(...document.operations.map((operation) => ({
    weight: operation.path.endsWith(".js") ? 1 : operation.body === null ? 4 : 12,
    arbitrary: requestsTo(operation, document),
  })));
}

function requestsTo(operation: Operation, document: ApiDocument): fc.Arbitrary<RouteRequest> {
  return fc.record({
    method: fc.oneof(
      { weight: 12, arbitrary: fc.constant(operation.method) },
      { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
    ),
    path: pathsOf(operation, document),
    credential: credentialsFor(operation),
    credentialIn: operation.caller === "subscriber"
      ? fc.constantFrom("header", "query", "cookie")
      : fc.oneof({ weight: 9, arbitrary: fc.constant("header") }, fc.constantFrom("query", "cookie")),
    headers,
    body: bodiesOf(operation, document),
    bytes: seldom(fc.record({
      at: fc.nat({ max: 200 }),
      hex: fc.constantFrom("ff", "c0af", "eda080", "00", "f5", "fffe"),
    })),
    framing: fc.oneof({ weight: 9, arbitrary: fc.constantFrom("length", "chunked") }, fc.constant("cut")),
  });
}
