/** The bundle that the service serves: it is up to date, and small. */

import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { bundleClient, SERVED_BUNDLE } from "../../../src/client/package/bundle.ts";
import { TestService } from "../../end_to_end/test_service.ts";

const MAX_BYTES = 6_000; // gzipped

Deno.test("The bundle is as new as its sources; if not, run `deno task client`", async () => {
  const text = await bundleClient("client.ts");
  assert(await Deno.readTextFile(SERVED_BUNDLE) === text, "client.min.js is stale: run `deno task client`");
});

Deno.test(`The bundle is smaller than ${MAX_BYTES} bytes, and contains no schema and no server code`, async () => {
  const text = await Deno.readTextFile(SERVED_BUNDLE);
  const { length } = gzipSync(text);
  console.log(`/client.js: ${text.length} bytes, ${length} gzipped`);
  assert(length < MAX_BYTES, `${length}`);
  assert(!/zod|Deno|from"|import\(/.test(text));
});

Deno.test("The service serves the bundle, which runs unchanged", async () => {
  await using service = await TestService.start();
  const response = await fetch(`${service.url}/client.js`);
  const text = await response.text();
  assertEquals(text, await Deno.readTextFile(SERVED_BUNDLE));
  const { connect } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  const tidings = connect(service.url, { target: "alexander" });
  const first = tidings.notifications().next();
  await service.waitForConnections(1);
  await service.notify({ target: "alexander", data: "Hello, Alexander Hamilton!" });
  assertEquals((await first).value.data, "Hello, Alexander Hamilton!");
  await tidings.close();
});
