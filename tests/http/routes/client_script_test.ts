/** clientScript: serves the browser SDK. */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { Hono } from "hono";
import { clientScript } from "../../../src/http/routes/client_script.ts";
import { allowListed } from "../../../src/http/auth/origin.ts";

const TEXT = `export const greeting = "Grüße";\n`.repeat(20);

/** The response to a request with these headers. */
async function request(headers: Record<string, string> = {}, text = TEXT): Promise<Response> {
  const isOriginAllowed = allowListed(["https://app.example"]);
  return await new Hono().get("/client.js", clientScript(text, { isOriginAllowed }))
    .request("https://push.example/client.js", { headers });
}

Deno.test("clientScript serves the text as a module", async () => {
  const response = await request();
  assertEquals([response.status, await response.text()], [200, TEXT]);
  assertEquals(response.headers.get("content-type"), "text/javascript; charset=utf-8");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
});

Deno.test("clientScript compresses the text for clients that accept gzip", async () => {
  const compressed = await request({ "accept-encoding": "br, gzip" });
  assertEquals(compressed.headers.get("content-encoding"), "gzip");
  const stream = compressed.body?.pipeThrough(new DecompressionStream("gzip"));
  assertEquals(await new Response(stream).text(), TEXT);
  assertMatch(compressed.headers.get("vary") ?? "", /accept-encoding/);
});

Deno.test("clientScript does not compress the text for clients that do not accept gzip", async () => {
  for (const encodings of ["", "br", "gzip;q=0", "gzip ; q=0.0, br", "deflate, GZIP; q=0.000"]) {
    const response = await request({ "accept-encoding": encodings });
    assertEquals([response.headers.get("content-encoding"), await response.text()], [null, TEXT], encodings);
  }
  for (const encodings of ["gzip;q=0.5", "GZIP", "br;q=0, gzip"]) {
    const { headers } = await request({ "accept-encoding": encodings });
    assertEquals(headers.get("content-encoding"), "gzip", encodings);
  }
});

Deno.test("clientScript answers 304 to a client that has the text, and sends a changed text", async () => {
  const etag = (await request()).headers.get("etag") ?? "";
  assertMatch(etag, /^W\/"[\w-]{16}"$/);
  for (const tags of [etag, `"other", ${etag}`, "*"]) {
    const response = await request({ "if-none-match": tags });
    assertEquals([response.status, await response.text()], [304, ""]);
    assertEquals(response.headers.get("etag"), etag);
  }
  assertEquals((await request({ "if-none-match": '"other"' })).status, 200);
  assertNotEquals((await request({}, "another")).headers.get("etag"), etag);
  assertEquals((await request()).headers.get("cache-control"), "no-cache");
});

Deno.test("clientScript lets only pages of allowed origins import it, and varies by origin", async () => {
  const allowed = await request({ origin: "https://app.example" });
  assertEquals(allowed.headers.get("access-control-allow-origin"), "https://app.example");
  for (const headers of [{}, { origin: "https://evil.example" }]) {
    const response = await request(headers);
    assertEquals(response.headers.get("access-control-allow-origin"), null);
    assertMatch(response.headers.get("vary") ?? "", /\borigin\b/);
  }
});
