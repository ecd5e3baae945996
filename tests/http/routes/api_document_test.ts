/** apiDocument: pages of every origin may read the two API documents. */

import { assert, assertEquals } from "@std/assert";
import { createTestApp } from "../test_app.ts";

const ORIGIN = "https://viewer.example";

for (const path of ["/openapi.json", "/asyncapi.json"]) {
  Deno.test(`apiDocument lets a page of any origin read ${path}, as text, as headers and from its cache`, async () => {
    const { app } = createTestApp();
    const response = await app.request(path, { headers: { origin: ORIGIN } });
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), "application/json");
    assertEquals((await response.json()).info.title, "Tidings");
    const etag = response.headers.get("etag") ?? "";
    const head = await app.request(path, { method: "HEAD" });
    const cached = await app.request(path, { headers: { origin: ORIGIN, "if-none-match": etag } });
    assertEquals([head.status, cached.status, await cached.text()], [200, 304, ""]);
    for (const { headers } of [response, head, cached]) {
      assertEquals(headers.get("access-control-allow-origin"), "*");
      assertEquals(headers.get("access-control-allow-credentials"), null);
      assertEquals(headers.get("access-control-expose-headers"), "etag");
      assertEquals(headers.get("etag"), etag);
      assertEquals(headers.get("cross-origin-resource-policy"), null);
    }
  });

  Deno.test(`apiDocument lets a page of any origin send any header to ${path}`, async () => {
    const response = await createTestApp().app.request(path, {
      method: "OPTIONS",
      headers: {
        origin: ORIGIN,
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization, if-none-match",
      },
    });
    assertEquals(response.status, 204);
    assertEquals(response.headers.get("access-control-allow-origin"), "*");
    assertEquals(response.headers.get("access-control-allow-headers"), "*, authorization");
  });
}

Deno.test("createApp lets only the API documents be read by every origin", async () => {
  const { app } = createTestApp();
  for (const path of ["/docs", "/console", "/pages/docs/docs.js", "/healthz", "/client.js", "/v1/events"]) {
    const { headers } = await app.request(path, { headers: { origin: ORIGIN } });
    assert(headers.get("access-control-allow-origin") === null, path);
  }
});
