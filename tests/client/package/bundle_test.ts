/** The bundle that the service serves: it is up to date, and small. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { gzipSync } from "node:zlib";
import { bundleClient, SERVED_BUNDLES } from "../../../src/client/package/bundle.ts";
import { eventually } from "../../eventually.ts";
import { TestService } from "../../end_to_end/test_service.ts";

const IMPORTS = {
  "client.ts": ["./tab_election.js"],
  "inbox.ts": [],
  "bell/bell.ts": ["./client.js", "./inbox.js"],
  "push/push.ts": [],
  "push/push_worker.ts": [],
};
const MAX_BYTES = { // gzipped
  "client.ts": 6_000,
  "inbox.ts": 4_000,
  "bell/bell.ts": 6_000,
  "push/push.ts": 3_000,
  "push/push_worker.ts": 2_000,
};

for (const [entry, file] of Object.entries(SERVED_BUNDLES)) {
  Deno.test(`The bundle of ${entry} is as new as its sources; if not, run \`deno task client\``, async () => {
    const text = await bundleClient(entry);
    assert(await Deno.readTextFile(file) === text, `${file.pathname} is stale: run \`deno task client\``);
  });
}

for (const [entry, maxBytes] of Object.entries(MAX_BYTES)) {
  Deno.test(`The bundle of ${entry} is smaller than ${maxBytes} bytes, and contains no schema and no server code`, async () => {
    const text = await Deno.readTextFile(SERVED_BUNDLES[entry as keyof typeof MAX_BYTES]);
    const { length } = gzipSync(text);
    console.log(`${entry}: ${text.length} bytes, ${length} gzipped`);
    assert(length < maxBytes, `${length}`);
    assert(!/zod|Deno/.test(text));
    const imports = [...text.matchAll(/(?:from|import\()"([^"]*)"/g)].map(([, specifier]) => specifier);
    assertEquals(imports, IMPORTS[entry as keyof typeof MAX_BYTES]);
  });
}

Deno.test("A client that cannot load what tabs share a connection with says so, and connects by itself", async () => {
  await using service = await TestService.start();
  const text = await Deno.readTextFile(SERVED_BUNDLES["client.ts"]);
  const { connect } = await import(`data:text/javascript,${encodeURIComponent(text)}`); // has no neighbours
  const tidings = connect(service.url, { target: "alexander", share: true });
  const { promise, resolve } = Promise.withResolvers<string>();
  tidings.addEventListener("error", ({ detail }: CustomEvent<Error>) => resolve(detail.message));
  await service.waitForConnections(1);
  assertStringIncludes(await promise, "tab_election.js");
  await tidings.close();
});

Deno.test("The service serves the bundles, which run unchanged", async () => {
  await using service = await TestService.start();
  const response = await fetch(`${service.url}/client.js`);
  const text = await response.text();
  assertEquals(text, await Deno.readTextFile(SERVED_BUNDLES["client.ts"]));
  const { connect } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  const tidings = connect(service.url, { target: "alexander" });
  const first = tidings.notifications().next();
  await service.waitForConnections(1);
  await service.notify({ target: "alexander", data: "Hello, Alexander Hamilton!" });
  assertEquals((await first).value.data, "Hello, Alexander Hamilton!");
  const module = await (await fetch(`${service.url}/inbox.js`)).text();
  assertEquals(module, await Deno.readTextFile(SERVED_BUNDLES["inbox.ts"]));
  const bell = await (await fetch(`${service.url}/bell.js`)).text();
  assertEquals(bell, await Deno.readTextFile(SERVED_BUNDLES["bell/bell.ts"]));
  for (const [path, entry] of [["push", "push/push.ts"], ["push_worker", "push/push_worker.ts"]] as const) {
    const script = await (await fetch(`${service.url}/${path}.js`)).text();
    assertEquals(script, await Deno.readTextFile(SERVED_BUNDLES[entry]));
  }
  const { inbox } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
  const box = inbox(tidings);
  await eventually(() => box.unread === 1, "what is kept");
  box.readAll();
  assertEquals(box.unread, 0);
  const isRead = async () =>
    (await (await fetch(`${service.url}/v1/inbox?target=alexander`)).json()).unread === 0;
  await eventually(isRead, "the mark");
  box.close();
  await tidings.close();
});
