/** Tests of the settings of the shipped proxies: they cause no warning, and no timeout is too short. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { EventReader } from "../end_to_end/event_reader.ts";
import { FakeNode } from "./fake_node.ts";
import { queryOf, startNode } from "./nodes.ts";
import { CADDY, HAPROXY, NGINX, PROGRAMS, SHIPPED } from "./programs.ts";
import { Proxy } from "./proxy.ts";

/** The limit of `Prefer: wait`. Pings and comments are more frequent. */
const MAX_SILENCE_SECONDS = 60;

for (const program of PROGRAMS) {
  program.test(`${program.name} stops although an event stream is open`, async () => {
    await using node = await startNode();
    const proxy = await Proxy.start(program, [node.port, node.port, node.port]);
    await using events = await EventReader.open(proxy.port, await queryOf("alexander"));
    await events.welcome();
    await proxy[Symbol.asyncDispose](); // resolves when the process has ended
    await node.waitForConnections(0);
  });

  program.test(`${program.name} accepts its configuration without a warning`, async () => {
    await using node = new FakeNode(() => new Response(null, { status: 202 }));
    await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
    const warnings = proxy.output.split("\n").filter((line) => /\bwarn|\[alert/i.test(line));
    assertEquals(warnings.filter((line) => !line.includes("admin endpoint disabled")), []); // which is intended
  });
}

for (
  const [{ name, config }, pattern] of [
    [NGINX, /^\s*proxy_read_timeout (\d+)s/gm],
    [HAPROXY, /^\s*timeout (?:client|server|tunnel) (\d+)s/gm],
  ] as const
) {
  Deno.test(`${name} waits for longer than a publisher may wait for acks`, async () => {
    const found = [...(await Deno.readTextFile(new URL(config, SHIPPED))).matchAll(pattern)];
    assert(found.length > 0);
    for (const [line, seconds] of found) assertLess(MAX_SILENCE_SECONDS, Number(seconds), line);
  });
}

Deno.test("Caddy has no timeout for a response or an upgraded connection", async () => {
  const text = await Deno.readTextFile(new URL(CADDY.config, SHIPPED));
  assertEquals(
    text.match(/^\s*(read_body|write|read_timeout|write_timeout|response_header_timeout)\b/gm),
    null,
  );
});
