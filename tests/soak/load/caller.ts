/** Calls the routes of the service through the side door, with connections that can be closed all at once. */

import { pause } from "../../chaos/load/subscriber.ts";
import { bearer } from "../../http/auth/signed_token.ts";
import { PUBLISHER_KEY } from "../../deploy/nodes.ts";

export interface Call {
  readonly method?: string;
  readonly body?: unknown;
  /** A key or a token; null: none. By default, it is the key that may do everything. */
  readonly credential?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallAnswer {
  readonly status: number;
  readonly text: string;
}

const ATTEMPTS = 20, RETRY_MS = 500, UNAVAILABLE = 503;

export class Caller implements Disposable {
  /** How often the service was unavailable for a moment. */
  unavailable = 0;
  readonly #origin: string;
  readonly #client = Deno.createHttpClient({});

  constructor(port: number) {
    this.#origin = `http://127.0.0.1:${port}`;
  }

  /**
   * Repeats what is answered with 503, as callers should.
   *
   * @param call.body a text as it is, or anything else as JSON
   */
  async call(path: string, call: Call = {}): Promise<CallAnswer> {
    for (let attempt = 1;; attempt++) {
      const response = await this.open(path, call), { status } = response, text = await response.text();
      if (status !== UNAVAILABLE || attempt === ATTEMPTS) return { status, text };
      this.unavailable++;
      await pause(RETRY_MS);
    }
  }

  /** Resolves with the response, whose body the caller has to read or to cancel. */
  async open(
    path: string,
    { method, body, credential = PUBLISHER_KEY, headers = {} }: Call = {},
  ): Promise<Response> {
    return await fetch(`${this.#origin}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...credential === null ? {} : bearer(credential), ...headers },
      ...body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) },
      client: this.#client,
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

/** Fails unless the status is one of those that are expected. */
export function expectStatus(answer: CallAnswer, ...expected: readonly number[]): string {
  if (expected.includes(answer.status)) return `${answer.status}`;
  throw new Error(
    `expected ${expected.join(" or ")}, and not ${answer.status}: ${answer.text.slice(0, 300)}`,
  );
}
