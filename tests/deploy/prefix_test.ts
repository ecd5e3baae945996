/** Tests of the lines in the shipped proxy configurations that serve Tidings below a prefix. */

import { assertEquals } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { RecordedEvents } from "../client/recorded_events.ts";
import { PUBLISHER, queryOf, startNode, token } from "./nodes.ts";
import { PROGRAMS, type ProxyProgram, withPrefix } from "./programs.ts";
import { Proxy } from "./proxy.ts";
import { FakeNode } from "./fake_node.ts";

/** Returns the status of each address that the page links to or loads, all of which must be below the prefix. */
async function statusesOfLinks(page: string): Promise<Record<string, number>> {
  const html = await (await fetch(page)).text();
  const links = [...html.matchAll(/\s(?:href|src)="([^"#]+)/g)].map(([, link = ""]) =>
    new URL(link, page).href
  );
  const found: Record<string, number> = {};
  for (const link of [page, ...links]) {
    const response = await fetch(link);
    await response.body?.cancel();
    found[link] = response.status;
  }
  return found;
}

function start(program: ProxyProgram, port: number): Promise<Proxy> {
  return Proxy.start(program, [port, port, port], withPrefix);
}

for (const program of PROGRAMS) {
  const { name, test } = program;

  test(`${name} serves the SDK, event streams and publishers below a prefix`, async () => {
    await using node = await startNode();
    await using proxy = await start(program, node.port);
    await using tidings = connect(`${proxy.url}/push`, { token: () => token("alexander") });
    const events = new RecordedEvents(tidings);
    await events.waitFor("open");
    const stream = await fetch(
      `${proxy.url}/push/v1/events?${new URLSearchParams(await queryOf("alexander"))}`,
    );
    await node.waitForConnections(2);
    await stream.body?.cancel();
    const body = JSON.stringify({ target: "alexander", data: "Hello" });
    const response = await fetch(`${proxy.url}/push/v1/notify`, { method: "POST", headers: PUBLISHER, body });
    await response.body?.cancel();
    assertEquals(response.status, 202);
    await events.waitFor("got Hello");
  });

  test(`${name} removes the prefix from a path, and keeps the encoding of the rest`, async () => {
    await using node = new FakeNode(() => new Response(null, { status: 202 }));
    await using proxy = await start(program, node.port);
    const paths = ["/v1/targets/a%2Fb%3F%25", "/v1/targets/metrics", "/", "/push/"];
    for (const path of paths) await (await fetch(`${proxy.url}/push${path}`)).body?.cancel();
    assertEquals(node.requests.map(({ path }) => path), paths);
  });

  test(`${name} redirects from the prefix without a slash`, async () => {
    await using node = new FakeNode(() => new Response(null, { status: 202 }));
    await using proxy = await start(program, node.port);
    const response = await fetch(`${proxy.url}/push`, { redirect: "manual" });
    await response.body?.cancel();
    const to = new URL(response.headers.get("location") ?? "", response.url).pathname;
    assertEquals([response.status, to], [308, "/push/"]);
  });

  test(`${name} serves the pages below a prefix, with all that they load`, async () => {
    await using node = await startNode({ TIDINGS_DEMO: "on" });
    await using proxy = await start(program, node.port);
    const prefix = `${proxy.url}/push/`;
    for (const page of ["", "console", "docs"]) {
      const statuses = await statusesOfLinks(`${prefix}${page}`);
      const links = Object.keys(statuses);
      assertEquals(Object.fromEntries(links.map((link) => [link, 200])), statuses);
      assertEquals(links.filter((link) => !link.startsWith(prefix)), []);
    }
    const { servers } = await (await fetch(`${prefix}openapi.json`)).json();
    assertEquals(new URL(servers[0].url, `${prefix}openapi.json`).href, prefix);
  });
}
