/** The service as the commands call it: over HTTP, with a sentence for everything that can go wrong. */

import type { z } from "zod";
import { Problem } from "../../reference/responses.ts";
import type { Access } from "./access.ts";
import { EXIT, type ExitCode, Failure } from "./failure.ts";

/** A request. */
export interface ServiceRequest {
  readonly method?: "GET" | "POST" | "DELETE";
  /** JSON. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the service may take in addition to the usual time. */
  readonly extraMs?: number;
}

/** A request, and the schema of its answer. */
export interface ServiceCall<Answer extends z.ZodType> extends ServiceRequest {
  readonly answer: Answer;
}

export interface Answered<Answer extends z.ZodType> {
  readonly value: z.infer<Answer>;
  /** The answer as the service wrote it. */
  readonly json: string;
}

const TIMEOUT_MS = 15_000;
/** The service, or a proxy in front of it, may do better later. */
const TEMPORARY = [408, 429, 502, 503, 504];

export class ServiceClient {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  get url(): string {
    return this.#access.url;
  }

  /**
   * Calls the service.
   *
   * @param path such as `/v1/notify`, encoded
   * @throws {Failure} if the service cannot be reached, or refuses the request
   */
  async call<Answer extends z.ZodType>(path: string, call: ServiceCall<Answer>): Promise<Answered<Answer>> {
    const { response, json } = await this.#fetch(path, call);
    if (!response.ok) throw this.#refusal(response, json);
    const { success, data } = call.answer.safeParse(parse(json));
    if (success) return { value: data, json };
    throw new Failure(
      `${this.url} answered something that Tidings does not answer; does TIDINGS_URL lead to it?`,
    );
  }

  /** Does what `call` does where the service answers with nothing but a success. */
  async callWithoutAnswer(path: string, request: ServiceRequest): Promise<void> {
    const { response, json } = await this.#fetch(path, request);
    if (!response.ok) throw this.#refusal(response, json);
  }

  async #fetch(
    path: string,
    { method = "GET", body, headers = {}, extraMs = 0 }: ServiceRequest,
  ): Promise<{ response: Response; json: string }> {
    const { url, key } = this.#access;
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...key === null ? {} : { authorization: `Bearer ${key}` }, ...headers },
        ...body === undefined ? {} : { body },
        redirect: "manual", // no other server may receive the key
        signal: AbortSignal.timeout(TIMEOUT_MS + extraMs),
      });
      return { response, json: await response.text() };
    } catch (cause) {
      throw new Failure(`cannot reach ${url}: ${reasonOf(cause)}`, { exitCode: EXIT.unreachable, cause });
    }
  }

  #refusal({ status, statusText, headers }: Response, json: string): Failure {
    const exitCode = exitCodeOf(status);
    const { data: problem } = Problem.safeParse(parse(json));
    if (problem === undefined) {
      const location = headers.get("location");
      const more = location === null ? "" : `, and leads to ${location}`;
      return new Failure(`${this.url} answered ${status} ${statusText}${more}`, { exitCode });
    }
    const { title, detail, errors = [] } = problem;
    const others = errors.slice(1).map(({ path, message }) => `\n  ${path}: ${message}`);
    const advice = status === 401 ? `\n${this.#keyAdvice()}` : "";
    return new Failure(`${title} (${status}): ${detail}${others.join("")}${advice}`, { exitCode });
  }

  #keyAdvice(): string {
    return this.#access.key === null
      ? "No key is configured. Set TIDINGS_KEY, or TIDINGS_KEY_FILE to the path of a file with the key."
      : "The service does not accept the configured key. Check TIDINGS_KEY and TIDINGS_URL.";
  }
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.unauthorized;
  return TEMPORARY.includes(status) ? EXIT.unreachable : EXIT.failed;
}

/** Undefined for what is not JSON, such as the page of a proxy. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Such as `tcp connect error: Connection refused (os error 111)`. Deno has it in the cause, behind the URL. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not answer in time";
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message.replace(/^error sending request for url \([^)]*\): /, "").replace(
    /^client error \(\w+\): /,
    "",
  );
}
