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
    return request.method === "HEAD" ? headOf(request, { fetch, env }) : fetch(request, env);
  };
}

async function headOf(
  { url, headers }: Request,
  { fetch, env }: { fetch: Fetch; env: unknown },
): Promise<Response> {
  const get = new Request(url, { headers });
  get.headers.delete("upgrade"); // HEAD cannot be upgraded
  const response = await fetch(get, Object.assign({ isHead: true } satisfies HeadEnv["Bindings"], env));
  const head = new Response(null, response);
  if (response.body !== null) head.headers.set("content-length", String((await response.bytes()).length));
  return head;
}
