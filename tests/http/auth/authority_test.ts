/** requireAuthority: which hosts a request may name, over real connections of HTTP/1 and HTTP/2. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "node:http2";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, PUBLISHER_KEY, type TestApp } from "../test_app.ts";
import { bearer, signedToken } from "./signed_token.ts";

/** The app on a port of its own. */
class AppServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor({ app }: TestApp) {
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app.fetch);
  }

  get port(): number {
    return this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** The status of an HTTP/1.1 request with exactly this head, and the body. */
async function requestOverHttp1(port: number, head: string): Promise<{ status: number; body: string }> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(`${head}\r\nConnection: close\r\n\r\n`));
  const text = await new Response(connection.readable).text();
  return { status: Number(text.split(" ")[1]), body: text.slice(text.indexOf("\r\n\r\n") + 4) };
}

/** The status of a request over HTTP/2 without TLS. */
async function requestOverHttp2(port: number, headers: Record<string, string>): Promise<number> {
  const session = connect(`http://127.0.0.1:${port}`);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const stream = session.request(headers);
  stream.on("response", (response) => resolve(Number(response[":status"])));
  stream.on("error", reject);
  stream.resume();
  try {
    return await promise;
  } finally {
    await new Promise<void>((done) => session.close(() => done()));
  }
}

/** Lines of a head after `GET /v1/unknown HTTP/1.1`, and whether they are a valid Host. */
const HOSTS: readonly [string, boolean][] = [
  ["Host: push.example", true],
  ["Host: push.example:8000", true],
  ["Host: PUSH.example:80", true],
  ["Host: my_service-1", true],
  ["Host: [::1]:8000", true],
  ["Host: localhost:1", true],
  ["X-No: host", false],
  ["Host:", false],
  ["Host: push.example/console", false],
  ["Host: push.example/console?", false],
  ["Host: push.example?", false],
  ["Host: push.example#", false],
  ["Host: me@push.example", false],
  ["Host: push.example:port", false],
  ["Host: a b", false],
  ["Host: a, b", false],
  ["Host: http://push.example", false],
  ["Host: \u00ff", false],
];

for (const [line, isValid] of HOSTS) {
  Deno.test(`requireAuthority ${isValid ? "accepts" : "refuses"} a request with "${line}"`, async () => {
    await using server = new AppServer(createTestApp());
    const { status, body } = await requestOverHttp1(server.port, `GET /v1/unknown HTTP/1.1\r\n${line}`);
    assertEquals(status, isValid ? 404 : 400);
    assertStringIncludes(body, `urn:tidings:problem:${isValid ? "not-found" : "bad-request"}`);
  });
}

Deno.test("requireAuthority keeps a Host from choosing the route, whatever the method and the path", async () => {
  await using server = new AppServer(createTestApp());
  for (const path of ["/metrics?", "/v1/targets/alexander?", "/healthz#", "/console?"]) {
    for (const method of ["GET", "HEAD", "OPTIONS", "DELETE"]) {
      const head = `${method} /any HTTP/1.1\r\nHost: x${path}\r\nAuthorization: Bearer ${PUBLISHER_KEY}`;
      assertEquals((await requestOverHttp1(server.port, head)).status, 400, `${method} ${path}`);
    }
  }
});

Deno.test("requireAuthority accepts the authority of the request line, if that is valid", async () => {
  await using server = new AppServer(createTestApp());
  for (const [url, status] of [["http://a.example/healthz", 200], ["http://me@a.example/healthz", 400]]) {
    const head = `GET ${url} HTTP/1.1\r\nHost: a.example`;
    assertEquals((await requestOverHttp1(server.port, head)).status, status);
  }
});

Deno.test("requireAuthority answers with a problem that is counted as a refusal", async () => {
  const refused: number[] = [];
  const { app } = createTestApp({
    metrics: {
      refused: (status) => void refused.push(status),
      requested() {},
    },
  });
  await assertProblem(await app.request("/healthz", { headers: { host: "x/console" } }), "400 bad-request");
  assertEquals(refused, [400]);
});

Deno.test("authorityOf finds the host of an HTTP/2 request, so a page of the same host may connect", async () => {
  const { app } = createTestApp({ config: { allowedOrigins: null } });
  await using server = new AppServer({ app } as TestApp);
  const token = bearer(await signedToken({ sub: "alexander" }));
  const request = { ":path": "/v1/connect", ":authority": "Push.example:8000", ...token };
  for (
    const [origin, status] of [
      ["http://push.example:8000", 426],
      ["https://push.example:8000", 426],
      ["http://push.example", 403],
      ["http://127.0.0.1:8000", 403],
    ] as const
  ) {
    assertEquals(await requestOverHttp2(server.port, { ...request, origin }), status, origin);
  }
});
