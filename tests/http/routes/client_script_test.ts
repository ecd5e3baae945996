/** clientScript: serves the browser SDK. */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { Hono } from "hono";
import { clientScript } from "../../../src/http/routes/client_script.ts";
import { listedOrigin } from "../../../src/http/auth/origin.ts";

const TEXT = `export const greeting = "Grüße";\n`.repeat(20);

/** What is answered to a request with these headers. */
async function asked(headers: Record<string, string> = {}, text = TEXT): Promise<Response> {
  const isOriginAllowed = listedOrigin(["https://app.example"]);
  return await new Hono().get("/client.js", clientScript(text, { isOriginAllowed }))
    .request("https://push.example/client.js", { headers });
}

Deno.test("clientScript serves the text as a module", async () => {
  const response = await asked();
  assertEquals([response.status, await response.text()], [200, TEXT]);
  assertEquals(response.headers.get("content-type"), "text/javascript; charset=utf-8");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
});

Deno.test("clientScript packs it for who can unpack it", async () => {
  const packed = await asked({ "accept-encoding": "br, gzip" });
  assertEquals(packed.headers.get("content-encoding"), "gzip");
  const stream = packed.body?.pipeThrough(new DecompressionStream("gzip"));
  assertEquals(await new Response(stream).text(), TEXT);
  assertMatch(packed.headers.get("vary") ?? "", /accept-encoding/);
});

Deno.test("clientScript packs it for nobody who says nothing of gzip, or refuses it", async () => {
  for (const encodings of ["", "br", "gzip;q=0", "gzip ; q=0.0, br", "deflate, GZIP; q=0.000"]) {
    const response = await asked({ "accept-encoding": encodings });
    assertEquals([response.headers.get("content-encoding"), await response.text()], [null, TEXT], encodings);
  }
  for (const encodings of ["gzip;q=0.5", "GZIP", "br;q=0, gzip"]) {
    const { headers } = await asked({ "accept-encoding": encodings });
    assertEquals(headers.get("content-encoding"), "gzip", encodings);
  }
});

Deno.test("clientScript says 304 to who has it, and the text again when it is another", async () => {
  const etag = (await asked()).headers.get("etag") ?? "";
  assertMatch(etag, /^W\/"[\w-]{16}"$/);
  for (const known of [etag, `"other", ${etag}`, "*"]) {
    const response = await asked({ "if-none-match": known });
    assertEquals([response.status, await response.text()], [304, ""]);
    assertEquals(response.headers.get("etag"), etag);
  }
  assertEquals((await asked({ "if-none-match": '"other"' })).status, 200);
  assertNotEquals((await asked({}, "another")).headers.get("etag"), etag);
  assertEquals((await asked()).headers.get("cache-control"), "no-cache");
});

Deno.test("clientScript is for pages of the allowed origins, and no cache mixes them up", async () => {
  const allowed = await asked({ origin: "https://app.example" });
  assertEquals(allowed.headers.get("access-control-allow-origin"), "https://app.example");
  for (const headers of [{}, { origin: "https://evil.example" }]) {
    const response = await asked(headers);
    assertEquals(response.headers.get("access-control-allow-origin"), null);
    assertMatch(response.headers.get("vary") ?? "", /\borigin\b/);
  }
});
