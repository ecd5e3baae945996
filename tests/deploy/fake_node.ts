/** A fake node: it answers as a test wants, and records its requests. */

type RecordedRequest = Pick<Request, "method" | "headers"> & { readonly path: string };

export class FakeNode implements AsyncDisposable {
  /** All requests except health checks. */
  readonly requests: RecordedRequest[] = [];
  /** The number of requests to `/readyz`. */
  readinessChecks = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** @param answer the response to every request except health checks; @param isReady the answer to those */
  constructor(answer: () => Response, { isReady = true }: { isReady?: boolean } = {}) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      await request.bytes();
      const { method, headers } = request;
      const path = new URL(request.url).pathname;
      if (path === "/healthz") return new Response();
      if (path === "/readyz") {
        this.readinessChecks++;
        return new Response(null, { status: isReady ? 200 : 503 });
      }
      this.requests.push({ method, headers, path });
      return answer();
    });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
