/** `/openapi.json`, read from the running service: its routes, what they take, and what they may answer. */

import type { Json, Schema, Schemas } from "../json/json.ts";

export interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly schema: Schema;
}

export interface DocumentedAnswer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export interface Operation {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | null;
  readonly examples: readonly Json[];
  readonly answers: Readonly<Record<string, DocumentedAnswer>>;
  /** Who may call it: a publisher with a scope (empty: any), a subscriber, or anyone. */
  readonly caller: { readonly scope: string } | "subscriber" | "anyone";
}

export interface ApiDocument {
  readonly operations: readonly Operation[];
  readonly schemas: Schemas;
}

interface RawOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<
        string,
        { readonly schema: Schema; readonly examples?: Readonly<Record<string, { value: Json }>> }
      >
    >;
  };
  readonly responses: Readonly<Record<string, DocumentedAnswer>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
}

export async function readApiDocument(url: string): Promise<ApiDocument> {
  const response = await fetch(`${url}/openapi.json`);
  const { paths, components: { schemas } }: {
    paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
    components: { schemas: Schemas };
  } = await response.json();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => operationOf(raw, { method: method.toUpperCase(), path }))
  );
  return { operations, schemas };
}

function operationOf(raw: RawOperation, route: { method: string; path: string }): Operation {
  const { parameters = [], requestBody, responses, security = [] } = raw;
  const content = requestBody?.content["application/json"];
  const scopes = security[0]?.publisherKey;
  return {
    ...route,
    parameters,
    body: content?.schema ?? null,
    examples: Object.values(content?.examples ?? {}).map(({ value }) => value),
    answers: responses,
    caller: scopes !== undefined ? { scope: scopes[0] ?? "" } : security.length > 0 ? "subscriber" : "anyone",
  };
}

/** The operations of a path. The server does not resolve dots in it. */
export function operationsAt({ operations }: ApiDocument, path: string): readonly Operation[] {
  const [pathname = ""] = path.split("?", 1);
  return operations.filter((one) => patternOf(one.path).test(pathname));
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}
