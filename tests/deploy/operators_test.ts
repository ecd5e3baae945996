/** Tests of what the shipped proxies show to the addresses of operators only: metrics and the console. */

import { assertEquals } from "@std/assert";
import { PROGRAMS, type ProxyProgram, withPrefix } from "./programs.ts";
import { Proxy } from "./proxy.ts";
import { rawRequest } from "./raw_request.ts";
import { FakeNode } from "./fake_node.ts";

/** Removes the address of the test from the addresses of operators. */
function toStrangers(text: string): string {
  return text.replace(/^\s*(allow|.*address_prefix:) 127.*\n/m, "").replace(" 127.0.0.0/8", "").replace(
    "remote_ip private_ranges",
    "remote_ip 10.0.0.0/8",
  );
}

async function statuses(program: ProxyProgram, paths: readonly string[], adapt?: (text: string) => string) {
  await using node = new FakeNode(() => new Response(null, { status: 202 }));
  await using proxy = await Proxy.start(program, [node.port, node.port, node.port], adapt);
  const found: Record<string, number> = {};
  for (const path of paths) {
    found[path] = (await rawRequest(proxy.port, [`GET ${path} HTTP/1.1`, "Host: tidings"])).status;
  }
  return found;
}

for (const program of PROGRAMS) {
  const { name, test } = program;

  test(`${name} hides metrics and the console from other addresses, however the path is encoded`, async () => {
    const paths = ["/metrics", "/console", "/console.js", "/console/events", "/%6Detrics?a", "/consol%65"];
    const expected = Object.fromEntries(paths.map((path) => [path, 404]));
    assertEquals(await statuses(program, paths, toStrangers), expected);
    const absolute = "http://tidings/console";
    assertEquals(await statuses(program, [absolute], toStrangers), { [absolute]: 404 });
    const below = "/push/console";
    assertEquals(await statuses(program, [below], (text) => toStrangers(withPrefix(text))), { [below]: 404 });
  });

  test(`${name} shows metrics and the console to operators, and all other paths to everyone`, async () => {
    const all = { "/v1/targets/metrics": 202, "/v1/targets/console": 202, "/docs": 202 };
    const operators = { "/metrics": 202, "/console": 202, "/console/events": 202 };
    assertEquals(await statuses(program, Object.keys(all), toStrangers), all);
    assertEquals(await statuses(program, Object.keys(operators)), operators);
  });
}
