/** The bundle: what is checked in is what the sources give, and is small. */

import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { bundled, SERVED } from "../../../src/client/package/bundle.ts";
import { Running } from "../../end_to_end/running.ts";

const MAX_BYTES = 5_000; // gzipped

Deno.test("What is served as /client.js is as new as its sources: otherwise run `deno task client`", async () => {
  const text = await bundled("client.ts");
  assert(await Deno.readTextFile(SERVED) === text, "client.min.js is stale: run `deno task client`");
});

Deno.test(`What is served as /client.js is smaller than ${MAX_BYTES} bytes, and has nothing of a schema or a server`, async () => {
  const text = await Deno.readTextFile(SERVED);
  const { length } = gzipSync(text);
  console.log(`/client.js: ${text.length} bytes, ${length} gzipped`);
  assert(length < MAX_BYTES, `${length}`);
  assert(!/zod|Deno|from"|import\(/.test(text));
});

Deno.test("The service serves the bundle, for it to be run as it is", async () => {
  await using service = await Running.started();
  const response = await fetch(`${service.url}/client.js`);
  const text = await response.text();
  assertEquals(text, await Deno.readTextFile(SERVED));
  const { connect } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  const tidings = connect(service.url, { target: "alexander" });
  const first = tidings.notifications().next();
  await service.holds(1);
  await service.notify({ target: "alexander", data: "Hello, Alexander Hamilton!" });
  assertEquals((await first).value.data, "Hello, Alexander Hamilton!");
  await tidings.close();
});
