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
];

for (const [path, headers = {}] of REQUESTS) {
  Deno.test(`answerHead gives HEAD ${path} with ${JSON.stringify(headers).slice(0, 40)} the headers of GET`, async () => {
    const { app } = createTestApp({
      metrics: { read: () => Promise.reject(new Error("broken")), refused() {} },
    });
    await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app.fetch);
    async function ask(method: string, headers: Record<string, string>) {
      const response = await fetch(`http://127.0.0.1:${server.addr.port}${path}`, { method, headers });
      await response.body?.cancel();
      const { date: _, ...rest } = Object.fromEntries(response.headers);
      return { status: response.status, ...rest };
    }
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
