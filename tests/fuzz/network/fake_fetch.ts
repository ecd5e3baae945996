/** `fetch` whose server is a script: answers come later, and streams end when the client has gone. */

import type { SimWorld } from "./sim_world.ts";

export interface FakeRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly method: string;
  readonly body: string;
  readonly token: string | null;
}

/** An answer, with the milliseconds that it takes. Null: the network fails. "never": nothing comes. */
export interface FakeAnswer {
  readonly ms: number;
  readonly response: (() => Response) | null | "never";
}

export class FakeFetch {
  /** Requests that are not answered yet. */
  pending = 0;
  readonly #world: SimWorld;
  readonly #answer: (request: FakeRequest) => FakeAnswer;

  constructor(world: SimWorld, answer: (request: FakeRequest) => FakeAnswer) {
    this.#world = world;
    this.#answer = answer;
  }

  readonly fetch = (url: string, init: RequestInit = {}): Promise<Response> => {
    const { pathname, searchParams } = new URL(url), headers = new Headers(init.headers);
    const { signal } = init, { promise, resolve, reject } = Promise.withResolvers<Response>();
    let isOver = false;
    const settle = (finish: () => void) => {
      if (isOver) return;
      isOver = true;
      this.pending--;
      signal?.removeEventListener("abort", onAbort);
      finish();
    };
    const onAbort = () => settle(() => reject(signal?.reason));
    this.pending++;
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);
    const { ms, response } = this.#answer({
      path: pathname,
      query: searchParams,
      method: init.method ?? "GET",
      body: String(init.body ?? ""),
      token: headers.get("authorization")?.replace("Bearer ", "") ?? null,
    });
    if (response === "never") return promise;
    this.#world.after(
      ms,
      () =>
        settle(() =>
          response === null
            ? reject(new TypeError("Failed to fetch"))
            : resolve(abortable(response(), signal))
        ),
    );
    return promise;
  };
}

/** A body that fails when the signal aborts, as that of `fetch` does. */
function abortable(response: Response, signal: AbortSignal | null | undefined): Response {
  if (response.body === null || !signal) return response;
  const { body } = response, through = new TransformStream<Uint8Array, Uint8Array>();
  body.pipeTo(through.writable, { signal }).catch(() => {}); // the reader learns of it
  return new Response(through.readable, response);
}
