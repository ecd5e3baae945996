/** Exchange: a request and its answer, as the access log shows them. The routes note what only they know. */

import type { Problem } from "../wire/problem.ts";

export interface ExchangeStart {
  readonly method: string;
  /** The pattern of the path, for example `/v1/targets/:target`. Undefined: no route has the path. */
  readonly route: string | undefined;
  /** The id of the request. */
  readonly id: string;
  /** The address of the client. */
  readonly client: string;
  /** Of `performance.now()`. */
  readonly startedAt: number;
  /** Undefined unless spans are recorded. */
  readonly traceId: string | undefined;
}

export class Exchange {
  readonly start: ExchangeStart;
  /** The name of the publisher's key, never the key. */
  key: string | undefined;
  /** The `Origin` of a request that was refused. */
  origin: string | undefined;
  /** Why the request was refused. Undefined also if no route has its path or its method. */
  problem: Problem | undefined;

  constructor(start: ExchangeStart) {
    this.start = start;
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
}

/** The environment in which a route answers: what Deno gives to it, and the exchange. */
export class ExchangeEnv {
  readonly exchange: Exchange;
  readonly #info: Deno.ServeHandlerInfo<Deno.NetAddr>;

  constructor(exchange: Exchange, info: Deno.ServeHandlerInfo<Deno.NetAddr>) {
    this.exchange = exchange;
    this.#info = info;
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
