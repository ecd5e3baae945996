/** An answer to a request over HTTP, and the problem document (RFC 9457) in it. */

import type { Body } from "./body.ts";
import { equal, expect, fail, match } from "./expect.ts";

export class Answer {
  constructor(
    readonly status: number,
    private readonly content: { readonly headers: Headers; readonly bytes: Uint8Array },
  ) {}

  get headers(): Headers {
    return this.content.headers;
  }

  get bytes(): Uint8Array {
    return this.content.bytes;
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }

  /** The JSON of the body. Fails if it is none. */
  get body(): Body {
    try {
      return JSON.parse(this.text);
    } catch {
      return fail(`the body of the answer ${this.status} is not JSON: ${this.text.slice(0, 100)}`);
    }
  }

  /** The JSON of each line of the body. */
  get lines(): Body[] {
    return this.text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  header(name: string): string | null {
    return this.headers.get(name);
  }

  /** Fails unless the status is this one. */
  is(status: number, what = "the status"): this {
    equal(this.status, { is: status, in: `${what} (${this.text.slice(0, 200)})` });
    return this;
  }

  /** Fails unless it is a problem document of this kind, with this status in the head and in the body. */
  isProblem(status: number, kind: string): Body {
    this.is(status, kind);
    match(this.header("content-type"), { is: /^application\/problem\+json\b/, in: "the Content-Type" });
    checkProblem(this.body, { status, kind });
    return this.body;
  }
}

/** Fails unless it is a problem of the protocol with this status and kind. */
export function checkProblem(
  problem: Body | undefined,
  { status, kind }: { status: number; kind: string },
): void {
  equal([problem?.type, problem?.status], {
    is: [`urn:tidings:problem:${kind}`, status],
    in: "`type` and `status`",
  });
  expect(typeof problem?.title === "string" && problem.title !== "", "`title` is no text");
  expect(typeof problem?.detail === "string" && problem.detail !== "", "`detail` is no text");
}
