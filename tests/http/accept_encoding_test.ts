/** acceptsGzip: whether a client accepts gzip, by the weights of its list of codings. */

import { assertEquals } from "@std/assert";
import { acceptsGzip } from "../../src/http/accept_encoding.ts";

for (
  const header of ["gzip", "GZIP", "x-gzip", "br,gzip", "br;q=0, gzip", "gzip;q=0.001", "gzip ;\tq=1.0", "*"]
) {
  Deno.test(`acceptsGzip is true for ${header}`, () => assertEquals(acceptsGzip(header), true));
}

for (
  const header of [
    ...[undefined, "", "br", "gzip;q=0", "gzip;Q=0.000,*", "gzip;q=0,*;q=1", "*;q=0", "gzipped", "identity"],
  ]
) {
  Deno.test(`acceptsGzip is false for ${header}`, () => assertEquals(acceptsGzip(header), false));
}
