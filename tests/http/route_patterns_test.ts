/** RoutePatterns: the pattern of a path, which never has a part that a client has chosen. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RoutePatterns } from "../../src/http/route_patterns.ts";
import { createTestApp } from "./test_app.ts";

const PATHS = createTestApp().app.routes.map(({ path }) => path);
const patterns = new RoutePatterns(PATHS);

Deno.test("RoutePatterns finds the route of a URL, with and without a query", () => {
  const routes = [
    ["http://a/v1/notify", "/v1/notify"],
    ["http://a/v1/connect?access_token=secret", "/v1/connect"],
    ["http://a:8000/v1/targets/alexander", "/v1/targets/:target"],
    ["http://a/v1/targets/a%2Fb/push?x=/v1/notify", "/v1/targets/:target/push"],
    ["http://a/v1/notifications/1", "/v1/notifications/:id"],
    ["http://a/tidings.v1.PublisherService/Notify", "/tidings.v1.PublisherService/Notify"],
    ["http://a", "/"],
    ["http://a/v1/targets/", undefined],
    ["http://a/v1/targets/alexander/unknown", undefined],
    ["http://a/v1/notify/", undefined],
    ["http://a/v2/notify?/v1/notify", undefined],
  ] as const;
  for (const [url, route] of routes) assertEquals(patterns.find(url), route, url);
});

Deno.test("RoutePatterns returns only patterns of routes, whatever the path is", () => {
  const segment = fc.oneof(fc.constantFrom("v1", "targets", "push", ":target"), fc.webSegment());
  fc.assert(fc.property(fc.array(segment), fc.webQueryParameters(), (segments, query) => {
    const found = patterns.find(`http://a/${segments.join("/")}?${query}`);
    assertEquals(found === undefined || PATHS.includes(found), true);
  }));
});
