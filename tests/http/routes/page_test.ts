/** page: serves the files of a page, and keeps it from loading anything from other hosts. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import { page } from "../../../src/http/routes/page.ts";
import { file } from "../../../src/pages/site.ts";
import { createTestApp } from "../test_app.ts";

const HTML = "<!doctype html>\n<title>Grüße…</title>";
const app = new Hono().get("/", page(file("html", HTML)));

/** The sources that the policy allows, by directive. */
function policyOf(response: Response): Map<string, string> {
  const directives = (response.headers.get("content-security-policy") ?? "").split("; ");
  return new Map(directives.map((one) => [one.slice(0, one.indexOf(" ")), one.slice(one.indexOf(" ") + 1)]));
}

Deno.test("page serves the unchanged text with its type", async () => {
  const response = await app.request("/");
  assertEquals([response.status, await response.text()], [200, HTML]);
  assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
});

Deno.test("page allows only files of the service, and no inline scripts or styles", async () => {
  const policy = policyOf(await app.request("/"));
  assertEquals(policy.get("default-src"), "'none'");
  for (const [directive, sources] of policy) {
    assert(sources === "'none'" || (sources === "'self'" && directive.endsWith("-src")), directive);
  }
  for (const directive of ["base-uri", "form-action", "frame-ancestors"]) assert(policy.has(directive));
});

Deno.test("page isolates itself from other pages, which shared memory requires", async () => {
  const { headers } = await app.request("/");
  const names = ["opener-policy", "embedder-policy", "resource-policy"];
  const values = names.map((name) => headers.get(`cross-origin-${name}`));
  assertEquals(values, ["same-origin", "require-corp", "same-origin"]);
});

Deno.test("page is revalidated on each use, and answers 304 if it has not changed", async () => {
  const { headers } = await app.request("/");
  assertEquals(headers.get("cache-control"), "no-cache");
  const etag = headers.get("etag") ?? "";
  const again = await app.request("/", { headers: { "if-none-match": etag } });
  assertEquals([again.status, await again.text()], [304, ""]);
  const changed = await app.request("/", { headers: { "if-none-match": '"another"' } });
  assertEquals([changed.status, await changed.text()], [200, HTML]);
});

/** The URLs that the text of a file refers to. */
function referencesIn(text: string): string[] {
  const quoted = /(?:src|href|from|URL\(|SDK|import)[= (]*"([^"#:$]+)"/g;
  return [...text.matchAll(quoted)].map(([, reference = ""]) => reference);
}

Deno.test("createApp serves every file that the pages refer to, and no reference begins at the root of the host", async () => {
  const { app } = createTestApp();
  const seen = new Set<string>(), open = ["/", "/console", "/docs"];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const response = await app.request(path);
    assertEquals(response.status, 200, path);
    const text = await response.text();
    if (!/^\/($|console$|docs$|pages\/(?!uplot))/.test(path)) continue;
    for (const reference of referencesIn(text)) {
      assert(!reference.startsWith("/"), `${path} refers to ${reference}`);
      open.push(new URL(reference, `http://a${path}`).pathname);
    }
  }
  for (
    const path of [
      "/client.js",
      "/inbox.js",
      "/bell.js",
      "/pages/uplot.js",
      "/pages/demo/device_worker.js",
      "/pages/mode.js",
    ]
  ) {
    assert(seen.has(path), path);
  }
});

Deno.test("createApp tells the pages whether publishers need a key", async () => {
  for (const development of [true, false]) {
    const response = await createTestApp({ config: { development } }).app.request("/pages/mode.js");
    assertStringIncludes(await response.text(), `export const needsKey = ${!development};\n`);
  }
});
