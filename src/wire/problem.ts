/** Problems: what is answered instead of a result (RFC 9457), thrown where it is seen that there will be none. */

/** One part of a request that does not fit, by its path: `targets.0`, or empty for the whole. */
export interface Violation {
  readonly path: string;
  readonly message: string;
}

/** Each by its name: the status, and the title that all of the kind have. */
export const KINDS = {
  "bad-request": [400, "The request cannot be read"],
  "not-json": [400, "This is not JSON"],
  "not-authorized": [401, "A valid token or key is needed"],
  "origin-not-allowed": [403, "This origin may not connect"],
  "not-found": [404, "There is nothing here"],
  "method-not-allowed": [405, "This cannot be done here"],
  "too-large": [413, "This is too large"],
  "does-not-fit": [422, "This does not fit the schema"],
  "id-conflict": [422, "The id was used for something else"],
  "upgrade-required": [426, "This is for WebSockets"],
  "too-many-connections": [429, "The target has too many connections"],
  "too-many-requests": [429, "Too much was sent"],
  "broken": [500, "The server failed"],
  "not-here": [501, "This server cannot do that"],
  "unavailable": [503, "Not now"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemKind = keyof typeof KINDS;

export class Problem extends Error {
  override readonly name = "Problem";
  readonly kind: ProblemKind;
  readonly errors: readonly Violation[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail what is wrong with this very request, and what would be right */
  constructor(
    kind: ProblemKind,
    detail: string,
    { errors, headers = {}, cause }: {
      errors?: readonly Violation[];
      headers?: Record<string, string>;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause });
    this.kind = kind;
    this.errors = errors;
    this.headers = headers;
  }

  get status(): number {
    return KINDS[this.kind][0];
  }

  /** The members of RFC 9457, section 3.1, and `errors`. */
  toJSON(): Record<string, unknown> {
    const [status, title] = KINDS[this.kind];
    const problem = { type: `urn:tidings:problem:${this.kind}`, title, status, detail: this.message };
    return this.errors === undefined ? problem : { ...problem, errors: this.errors };
  }
}

/** The problem of what would be right, but not now: 503, and in how many seconds it may be tried again. */
export function unavailable(
  detail: string,
  { seconds = 1, cause }: { seconds?: number; cause?: unknown } = {},
): Problem {
  return new Problem("unavailable", detail, { headers: { "retry-after": String(seconds) }, cause });
}
