/** An operation: one route of the service, with its parameters, its body and its responses. */

import type { z } from "zod";
import { Target } from "../wire/names.ts";
import type { Scope } from "../wire/principal.ts";
import type { ProblemKind } from "../wire/problem.ts";

/** Who may call: anyone with a publisher key, anyone with a subscriber's token, or anyone. */
export type Caller = "publisher" | "subscriber" | "anyone";

export interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example?: string | number;
}

export interface Body {
  readonly schema: z.ZodType;
  /** Examples by their description. */
  readonly examples: Readonly<Record<string, unknown>>;
}

export interface ResponseSpec {
  readonly status: number;
  readonly description: string;
  /** The schema of the body, if there is one. */
  readonly schema?: z.ZodType;
  /** The media type of the body: JSON, unless another is given. */
  readonly mediaType?: string;
  /** Descriptions of headers by their name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly example?: unknown;
}

export interface Operation {
  readonly method: "get" | "post" | "delete";
  /** Such as `/v1/targets/{target}`. */
  readonly path: string;
  readonly id: string;
  readonly caller: Caller;
  /** The scope that the key of a publisher needs. Not given: every key will do. */
  readonly scope?: Scope;
  readonly summary: string;
  /** Markdown. The page renders paragraphs and `code`. */
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly body?: Body;
  readonly responses: readonly ResponseSpec[];
  readonly problems: readonly ProblemKind[];
}

/** The problems of every operation for publishers that has a body. */
export const BODY_PROBLEMS = [
  ...["bad-request", "not-json", "timeout", "too-large"] as const,
  ...["unsupported-encoding", "does-not-fit", "unavailable"] as const,
] as const;

/** The parameter of the operations that are about one target. */
export const TARGET: Parameter = {
  in: "path",
  name: "target",
  description: "Percent-encoded",
  schema: Target,
  example: "alexander",
};
