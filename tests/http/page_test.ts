/** page: serves a page that is one file. */

import { assertEquals, assertMatch } from "@std/assert";
import { Hono } from "hono";
import { page } from "../../src/http/page.ts";

Deno.test("page serves the HTML as it is, and lets it load nothing from elsewhere", async () => {
  const html = "<!doctype html>\n<title>Grüße…</title>";
  const response = await new Hono().get("/", page(html)).request("/");
  assertEquals([response.status, await response.text()], [200, html]);
  assertMatch(response.headers.get("content-type") ?? "", /^text\/html; charset=utf-8$/i);
  const policy = (response.headers.get("content-security-policy") ?? "").split(/; ?/);
  assertEquals(policy.includes("default-src 'none'"), true);
  assertEquals(policy.includes("connect-src 'self'"), true);
  assertEquals(policy.filter((directive) => /\*|https?:|unsafe-eval/.test(directive)), []);
});
