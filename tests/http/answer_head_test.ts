/** answerHead: HEAD has the status and the headers of GET on every route. */

import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { answerHead } from "../../src/http/answer_head.ts";
import { bearer, signedToken } from "./auth/signed_token.ts";
import { createTestApp, PUBLISHER_KEY } from "./test_app.ts";

const KEY = bearer(PUBLISHER_KEY);
const TOKEN = bearer(await signedToken({ sub: "alexander" }));

/** Routes with texts, pages, refusals, and errors. */
const REQUESTS: readonly [string, Record<string, string>?][] = [
  ["/healthz"],
  ["/readyz"],
  ["/client.js"],
  ["/client.js", { "accept-encoding": "gzip" }],
  ["/client.js", { "if-none-match": "*" }],
  ["/inbox.js"],
  ["/openapi.json"],
  ["/console"],
  ["/metrics"],
  ["/metrics", KEY],
  ["/v1/targets/%ff", KEY],
  ["/v1/connect"],
  ["/v1/connect", TOKEN],
  ["/v1/connect", { ...TOKEN, upgrade: "websocket", "sec-websocket-version": "13" }],
  ["/v1/notify"],
  ["/nothing"],
  ["/nothing/../healthz"],
  ["/healthz", { host: "1.2.3.400" }],
  ["/healthz", { host: "push.example:99999" }],
  ["/healthz", { host: "a b" }],
  ["/healthz", { host: "push.example/console?" }],
];

/** The status and the headers of the answer. Unlike `fetch`, it sends the path and the Host as they are given. */
async function headOfAnswer(
  { port, method, path, headers }: {
    port: number;
    method: string;
    path: string;
    headers: Record<string, string>;
  },
): Promise<string[]> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = Object.entries({ host: "tidings", ...headers }).map(([name, value]) => `${name}: ${value}`);
  await connection.write(
    new TextEncoder().encode(`${[`${method} ${path} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`),
  );
  let head = "";
  for await (const text of connection.readable.pipeThrough(new TextDecoderStream())) {
    head += text;
    if (head.includes("\r\n\r\n")) break;
  }
  const [fields = ""] = head.split("\r\n\r\n", 1);
  return fields.split("\r\n").filter((line) => !/^(?:date|transfer-encoding):/.test(line)).toSorted();
}

for (const [path, headers = {}] of REQUESTS) {
  Deno.test(`answerHead gives HEAD ${path} with ${JSON.stringify(headers).slice(0, 40)} the headers of GET`, async () => {
    const { app } = createTestApp({
      readMetrics: () => Promise.reject(new Error("broken")),
    });
    await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app.fetch);
    const ask = (method: string, headers: Record<string, string>) =>
      headOfAnswer({ port: server.addr.port, method, path, headers });
    const { upgrade: _, ...withoutUpgrade } = headers; // GET would be upgraded
    assertEquals(await ask("HEAD", headers), await ask("GET", withoutUpgrade));
  });
}

Deno.test("answerHead marks HEAD for handlers, and hands on the context of the server", async () => {
  const app = new Hono().get("/", (c) => c.text(JSON.stringify(c.env)));
  const fetch = answerHead(app.fetch);
  const ask = async (method: string) => await fetch(new Request("http://x/", { method }), { remote: "peer" });
  assertEquals(await (await ask("GET")).json(), { remote: "peer" });
  const head = await ask("HEAD");
  assertEquals([head.headers.get("content-length"), await head.text()], [
    `${JSON.stringify({ isHead: true, remote: "peer" }).length}`,
    "",
  ]);
});

Deno.test("answerHead gives HEAD of a stream no Content-Length, as the stream has none", async () => {
  const { app } = createTestApp();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app.fetch);
  for (const [path, headers] of [["/v1/events", TOKEN], ["/console/events", KEY]] as const) {
    const head = await headOfAnswer({ port: server.addr.port, method: "HEAD", path, headers });
    assertEquals(head, [
      "HTTP/1.1 200 OK",
      "cache-control: no-store",
      "content-type: text/event-stream",
      "x-accel-buffering: no",
    ]);
  }
});
