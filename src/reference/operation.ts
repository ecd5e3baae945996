/** An operation: what a route of the service is for, what it takes and what it answers. */

import type { z } from "zod";
import type { ProblemKind } from "../wire/problem.ts";

/** Who may ask: whoever has a publisher key, or a subscriber's token, or anyone. */
export type Audience = "publisher" | "subscriber" | "anyone";

export interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example?: string | number;
}

export interface Body {
  /** One of these. */
  readonly schemas: readonly z.ZodType[];
  readonly examples: Readonly<Record<string, unknown>>;
}

export interface ResponseSpec {
  readonly status: number;
  readonly description: string;
  readonly schemas?: readonly z.ZodType[];
  /** Of what has no schema: what is not JSON. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly example?: unknown;
}

export interface Operation {
  readonly method: "get" | "post" | "delete";
  /** `/v1/targets/{target}` */
  readonly path: string;
  readonly id: string;
  readonly asker: Audience;
  readonly summary: string;
  /** Markdown, of which the page shows `code` and paragraphs. */
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly body?: Body;
  readonly answers: readonly ResponseSpec[];
  readonly problems: readonly ProblemKind[];
}
