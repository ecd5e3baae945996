/** page: serves the files of a page, and lets it load nothing from elsewhere. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import { page } from "../../../src/http/routes/page.ts";
import { file } from "../../../src/pages/site.ts";
import { testApp } from "../test_app.ts";

const HTML = "<!doctype html>\n<title>Grüße…</title>";
const app = new Hono().get("/", page(file("html", HTML)));

/** The sources that the policy allows for each kind of thing. */
function policyOf(response: Response): Map<string, string> {
  const directives = (response.headers.get("content-security-policy") ?? "").split("; ");
  return new Map(directives.map((one) => [one.slice(0, one.indexOf(" ")), one.slice(one.indexOf(" ") + 1)]));
}

Deno.test("page serves the text as it is, with its type", async () => {
  const response = await app.request("/");
  assertEquals([response.status, await response.text()], [200, HTML]);
  assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
});

Deno.test("page allows the service's own files, and neither inline scripts or styles nor anything from elsewhere", async () => {
  const policy = policyOf(await app.request("/"));
  assertEquals(policy.get("default-src"), "'none'");
  for (const [directive, sources] of policy) {
    assert(sources === "'none'" || (sources === "'self'" && directive.endsWith("-src")), directive);
  }
  for (const directive of ["base-uri", "form-action", "frame-ancestors"]) assert(policy.has(directive));
});

Deno.test("page isolates itself from other pages, so that it may share memory with its threads", async () => {
  const { headers } = await app.request("/");
  const names = ["opener-policy", "embedder-policy", "resource-policy"];
  const told = names.map((name) => headers.get(`cross-origin-${name}`));
  assertEquals(told, ["same-origin", "require-corp", "same-origin"]);
});

Deno.test("page is asked for each time, and answers 304 when it has not changed", async () => {
  const { headers } = await app.request("/");
  assertEquals(headers.get("cache-control"), "no-cache");
  const etag = headers.get("etag") ?? "";
  const again = await app.request("/", { headers: { "if-none-match": etag } });
  assertEquals([again.status, await again.text()], [304, ""]);
  const changed = await app.request("/", { headers: { "if-none-match": '"another"' } });
  assertEquals([changed.status, await changed.text()], [200, HTML]);
});

/** Paths that the text of a file names. */
function namedIn(path: string, text: string): string[] {
  const found = text.matchAll(/(?:src|href|from|Worker\(|SDK)[= (]*"(\.{0,2}\/[^"]*)"/g);
  return [...found].map(([, named = ""]) => new URL(named, `http://a${path}`).pathname);
}

Deno.test("Whatever the pages name is there", async () => {
  const { app } = testApp();
  const seen = new Set<string>(), open = ["/", "/console", "/docs"];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const response = await app.request(path);
    assertEquals(response.status, 200, path);
    const text = await response.text();
    if (path !== "/client.js" && path !== "/pages/uplot.js") open.push(...namedIn(path, text));
  }
  for (const path of ["/client.js", "/pages/uplot.js", "/pages/demo/device_thread.js", "/pages/mode.js"]) {
    assert(seen.has(path), path);
  }
});

Deno.test("The pages are told whether a publisher has to show a key", async () => {
  for (const development of [true, false]) {
    const response = await testApp({ config: { development } }).app.request("/pages/mode.js");
    assertStringIncludes(await response.text(), `export const needsKey = ${!development};\n`);
  }
});
