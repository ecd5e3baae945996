/**
 * Exchange: a request and its answer, as the access log shows them. It is the environment in which a route answers, and the
 * routes note what only they know.
 */

import type { Problem } from "../wire/problem.ts";
import { nextRequestNumber, REQUEST_ID_PREFIX } from "./request_id.ts";

/** What is known of a request when it arrives. */
export interface ExchangeStart {
  readonly method: string;
  /** The pattern of the path, for example `/v1/targets/:target`. Undefined: no route has the path. */
  readonly route: string | undefined;
  /** The id that the client or a proxy has given: printable ASCII without quotes and backslashes. */
  readonly givenId: string | undefined;
  /** The address of the client. */
  readonly client: string;
  /** Undefined unless spans are recorded. */
  readonly traceId: string | undefined;
  /** What Deno says of the request. */
  readonly info: Pick<Deno.ServeHandlerInfo<Deno.NetAddr>, "remoteAddr" | "completed">;
}

export class Exchange implements Omit<ExchangeStart, "info"> {
  readonly method: string;
  readonly route: string | undefined;
  /** What tells the request from others of this process. */
  readonly number: number = nextRequestNumber();
  readonly givenId: string | undefined;
  readonly client: string;
  readonly traceId: string | undefined;
  /** Of `performance.now()`. */
  readonly startedAt: number = performance.now();
  /** The name of the publisher's key, never the key. */
  key: string | undefined = undefined;
  /** The `Origin` of a request that was refused. */
  origin: string | undefined = undefined;
  /** Why the request was refused. Undefined also if no route has its path or its method. */
  problem: Problem | undefined = undefined;
  #isIdSent = false;
  readonly #info: ExchangeStart["info"];

  constructor({ method, route, givenId, client, traceId, info }: ExchangeStart) {
    this.method = method;
    this.route = route;
    this.givenId = givenId;
    this.client = client;
    this.traceId = traceId;
    this.#info = info;
  }

  /** The id of the request: the one that was given, or else a new one. */
  get id(): string {
    return this.givenId ?? REQUEST_ID_PREFIX + this.number;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#info.remoteAddr;
  }

  get completed(): Promise<void> {
    return this.#info.completed;
  }

  /** Notes why the request is refused, and whose it is. */
  refused(
    problem: Problem,
    { origin, key }: { readonly origin: string | undefined; readonly key: string | undefined },
  ): void {
    this.problem = problem;
    this.origin = origin;
    this.key ??= key;
  }

  /**
   * Returns the id for the headers of an answer that is about to be created. Undefined if the client does not need it. To
   * add it later, as {@linkcode sendId} does, is right for any answer, but Deno then sends it on a slower way, by 4 µs.
   */
  takeId(): string | undefined {
    this.#isIdSent = true;
    return this.givenId;
  }

  /**
   * Adds the id to an answer that does not have it yet: if the client has given one, so that it sees that it was taken, or
   * was refused, so that it can ask about it. The answer of an upgrade cannot be changed.
   */
  sendId(response: Response): void {
    if (this.#isIdSent || response.status === 101) return; // to look at the headers already is the slower way
    if (this.givenId !== undefined || response.status >= 400) response.headers.set("x-request-id", this.id);
  }
}

/** Returns the exchange of a request by the environment of its route. Undefined without an access log. */
export function exchangeOf(env: unknown): Exchange | undefined {
  return env instanceof Exchange ? env : undefined;
}
