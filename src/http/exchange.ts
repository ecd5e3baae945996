/** Exchange: a request and its answer, as the access log shows them. The routes note what only they know. */

import type { Problem } from "../wire/problem.ts";

/** What is known of a request when it arrives. */
export interface ExchangeStart {
  readonly method: string;
  /** The pattern of the path, for example `/v1/targets/:target`. Undefined: no route has the path. */
  readonly route: string | undefined;
  /** The id of the request: printable ASCII without quotes and backslashes. */
  readonly id: string;
  /** The address of the client. */
  readonly client: string;
  /** Undefined unless spans are recorded. */
  readonly traceId: string | undefined;
}

export class Exchange implements ExchangeStart {
  readonly method: string;
  readonly route: string | undefined;
  readonly id: string;
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

  constructor({ method, route, id, client, traceId }: ExchangeStart) {
    this.method = method;
    this.route = route;
    this.id = id;
    this.client = client;
    this.traceId = traceId;
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
   * Returns the id for the headers of an answer that is about to be created. To add it later, as {@linkcode sendId} does,
   * is right for any answer, but Deno then sends it on a slower way, by 4 µs.
   */
  takeId(): string {
    this.#isIdSent = true;
    return this.id;
  }

  /** Adds the id to an answer that does not have it yet. That of an upgrade cannot be changed. */
  sendId(response: Response): void {
    if (this.#isIdSent || response.status === 101) return; // to look at the headers already is the slower way
    response.headers.set("x-request-id", this.id);
  }
}

/** The environment in which a route answers: what Deno gives to it, and the exchange. */
export class ExchangeEnv {
  readonly exchange: Exchange;
  readonly #info: Deno.ServeHandlerInfo<Deno.NetAddr>;

  constructor(exchange: Exchange, info: Deno.ServeHandlerInfo<Deno.NetAddr>) {
    this.exchange = exchange;
    this.#info = info;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#info.remoteAddr;
  }

  get completed(): Promise<void> {
    return this.#info.completed;
  }
}

/** Returns the exchange of a request by the environment of its route. Undefined without an access log. */
export function exchangeOf(env: unknown): Exchange | undefined {
  if (typeof env !== "object" || env === null || !("exchange" in env)) return undefined;
  return env.exchange instanceof Exchange ? env.exchange : undefined;
}
