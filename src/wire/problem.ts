/** Problems: errors that a client or publisher receives as a problem document (RFC 9457). */

/** A part of a request that does not match its schema. */
export interface Violation {
  /** For example `targets.0`; empty for the whole body. */
  readonly path: string;
  readonly message: string;
}

/** The status and the title of each kind of problem. */
export const KINDS = {
  "bad-request": [400, "The request is malformed"],
  "not-json": [400, "The body is not valid JSON"],
  "not-authorized": [401, "A valid token or key is required"],
  "revoked": [401, "The token was revoked"],
  "origin-not-allowed": [403, "This origin is not allowed"],
  "missing-scope": [403, "The key may not do this"],
  "not-local": [403, "Development mode serves only this machine"],
  "not-found": [404, "Not found"],
  "method-not-allowed": [405, "Method not allowed"],
  "already-sent": [409, "The notification was sent already"],
  "timeout": [408, "The request took too long"],
  "too-large": [413, "The content is too large"],
  "unsupported-encoding": [415, "The encoding of the content is not supported"],
  "unsupported-type": [415, "The type of the content is not supported"],
  "does-not-fit": [422, "The content does not match the schema"],
  "too-many-exceptions": [422, "The read state would have too many exceptions"],
  "id-conflict": [422, "The id was used for other content"],
  "upgrade-required": [426, "A WebSocket upgrade is required"],
  "too-many-connections": [429, "The target has too many connections"],
  "too-many-requests": [429, "Too many requests"],
  "quota-exceeded": [429, "Request cannot be satisfied as assigned quota has been exceeded"],
  "broken": [500, "Internal server error"],
  "not-here": [501, "Not available on this server"],
  "unavailable": [503, "Temporarily unavailable"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemKind = keyof typeof KINDS;

/** The type that the draft draft-ietf-httpapi-ratelimit-headers-10 registers, so that clients know it. */
const QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/**
 * An error with a kind. Thrown wherever a request turns out to be refused, and serialised as the answer.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const problem = new Problem("not-found", "there is no report for this id");
 * assertEquals(problem.status, 404);
 * assertEquals(JSON.parse(JSON.stringify(problem)), {
 *   type: "urn:tidings:problem:not-found",
 *   title: "Not found",
 *   status: 404,
 *   detail: "there is no report for this id",
 * });
 * ```
 */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly kind: ProblemKind;
  readonly errors: readonly Violation[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The detail may be logged, although others of this kind quote what was sent. */
  readonly quotesNothing: boolean;
  readonly #members: Readonly<Record<string, unknown>>;

  /**
   * @param detail what is wrong with this request, and what would be right
   * @param options `headers` are sent with the answer; `members` are those of the document that only this kind has
   *   (RFC 9457, section 3.2); `cause` is only logged
   */
  constructor(
    kind: ProblemKind,
    detail: string,
    { errors, headers = {}, members = {}, quotesNothing = false, cause }: {
      errors?: readonly Violation[];
      headers?: Record<string, string>;
      members?: Readonly<Record<string, unknown>>;
      quotesNothing?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause });
    this.kind = kind;
    this.errors = errors;
    this.headers = headers;
    this.quotesNothing = quotesNothing;
    this.#members = members;
  }

  /** A URI that names the kind. */
  get type(): string {
    return this.kind === "quota-exceeded" ? QUOTA_EXCEEDED : `urn:tidings:problem:${this.kind}`;
  }

  get status(): number {
    return KINDS[this.kind][0];
  }

  get title(): string {
    return KINDS[this.kind][1];
  }

  /** Returns the members of RFC 9457, section 3.1, those of the kind, and `errors` if there are any. */
  toJSON(): Record<string, unknown> {
    const { type, title, status, message: detail } = this;
    const problem = { type, title, status, detail, ...this.#members };
    return this.errors === undefined ? problem : { ...problem, errors: this.errors };
  }
}

/** The problem that answers whatever was thrown: an error that the request has not caused stays in the log. */
export function toProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem("broken", "the error was logged", { cause: error });
}

/** Creates the problem of a request that has one violation. The path is empty if that is of the whole request. */
export function doesNotFit(path: string, message: string): Problem {
  const detail = path === "" ? message : `${path}: ${message}`;
  return new Problem("does-not-fit", detail, { errors: [{ path, message }] });
}

/** Creates the problem of a request that may succeed later: 503, with `Retry-After` in seconds. */
export function unavailable(
  detail: string,
  { seconds = 1, cause }: { seconds?: number; cause?: unknown } = {},
): Problem {
  return new Problem("unavailable", detail, { headers: { "retry-after": String(seconds) }, cause });
}
