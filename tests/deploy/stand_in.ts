/** What stands in for a node: it answers as a test wants, and remembers what it was asked. */

type Asked = Pick<Request, "method" | "headers"> & { readonly path: string };

export class StandIn implements AsyncDisposable {
  /** All but what was asked to find out how it is. */
  readonly asked: Asked[] = [];
  /** How often it was asked whether it is ready. */
  checks = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** @param answer to everything; whether it is alive and ready is its own question */
  constructor(answer: (asked: Asked) => Response, { ready = true }: { ready?: boolean } = {}) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      await request.bytes();
      const { method, headers } = request;
      const path = new URL(request.url).pathname;
      if (path === "/healthz") return new Response();
      if (path === "/readyz") {
        this.checks++;
        return new Response(null, { status: ready ? 200 : 503 });
      }
      const asked = { method, headers, path };
      this.asked.push(asked);
      return answer(asked);
    });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
