/** Answers HEAD with the headers that GET would have (RFC 9110, section 9.3.2). */

/** What Deno adds to the context of a handler, and for HEAD this module. */
export interface HeadEnv {
  readonly Bindings: Partial<Deno.ServeHandlerInfo> & {
    /** True for HEAD. A stream must not be opened then, because nobody would read or cancel it. */
    readonly isHead?: boolean;
  };
}

export type Fetch = (request: Request, env?: unknown) => Response | Promise<Response>;

/** Hono answers HEAD with the headers of GET and no body, and Deno then adds `Content-Length: 0`. */
export function answerHead(fetch: Fetch): Fetch {
  return function answerHeadOrFetch(request, env = {}) {
    return request.method === "HEAD"
      ? headOf(request, { fetch, env: env as HeadEnv["Bindings"] })
      : fetch(request, env);
  };
}

async function headOf(
  request: Request,
  { fetch, env }: { fetch: Fetch; env: HeadEnv["Bindings"] },
): Promise<Response> {
  turnIntoGet(request);
  // A copy would lack the address of the client, which is a getter.
  const response = await fetch(request, Object.assign(env, { isHead: true } satisfies HeadEnv["Bindings"]));
  if (response.body === null) return response.status === 200 ? withUnknownLength(response) : response;
  const head = new Response(null, response);
  head.headers.set("content-length", String((await response.bytes()).length));
  return head;
}

/** A copy of the request could have another path, because `Request` resolves `..`, and its Host may be no host of a URL. */
function turnIntoGet(request: Request): void {
  const headers = new Headers(request.headers);
  headers.delete("upgrade"); // HEAD cannot be upgraded
  Object.defineProperties(request, { method: { value: "GET" }, headers: { value: headers } });
}

/** Of a stream that was not opened, which has no `Content-Length`: Deno would add one for a body that is null. */
function withUnknownLength(response: Response): Response {
  return new Response(new ReadableStream({ start: (controller) => controller.close() }), response);
}
