/** Development mode asks for no key and no token, so it serves only this machine and refuses everything else. */

import { Problem } from "../../wire/problem.ts";
import type { CheckRequest } from "../check_first.ts";
import { authorityOf } from "./authority.ts";
import { isLoopbackHost } from "./loopback.ts";
import type { IsOriginAllowed } from "./origin.ts";

/**
 * Headers in which proxies say where a request is from, or for whom. They are looked up by name, because going through
 * all headers costs three times as much. Proxies that send others, such as X-Forwarded-Server, send one of these too.
 *
 * `has` makes Deno read all headers at once, as it does anyway before it answers. With `get`, it asks its server for each
 * name in turn, until then: the look-ups of a `POST /v1/notify` take 1.9 µs in all, and 1.45 µs after a `has`. A WebSocket
 * keeps its request, with what was read of it, so `has` would cost it 1 KB, or 3 KB with the headers of a browser.
 */
const FORWARDING = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/** Checks every request in development mode. Refuses with 400 for an invalid Host, and else with 403. */
export function requireLocal(deps: { readonly isOriginAllowed: IsOriginAllowed }): CheckRequest {
  return function requireLocal(request) {
    refuseForeignHost(request);
    refuseProxy(request);
    refuseForeignPage(request, deps);
  };
}

/** The latest authority that was found to be of this machine: most requests have the same. */
let latestLocal = "";

/** A page of any site can have its own name resolve to this machine, and then reads what it asks for (DNS rebinding). */
function refuseForeignHost(request: Request): void {
  const authority = authorityOf(request);
  if (authority === latestLocal) return;
  if (!isLoopbackHost(authority.replace(/:\d+$/, ""))) {
    throw notLocal(`serves only localhost, and not ${authority}`);
  }
  latestLocal = authority;
}

/**
 * A proxy on this machine would open the service to everyone who reaches the proxy, so all of the addresses that it
 * passes on must be of this machine. The server of a front-end in development is such a proxy.
 */
function refuseProxy({ method, headers }: Request): void {
  for (const name of FORWARDING) {
    if (method === "GET" ? headers.get(name) === null : !headers.has(name)) continue;
    const value = headers.get(name) ?? "";
    const nodes = name === "forwarded" ? nodesOf(value) : value.split(",");
    if (nodes.length === 0 || !nodes.every(isLoopbackNode)) {
      throw notLocal(`serves no proxy, and one sent ${name}`);
    }
  }
}

/** The values of `for` and `host` in a header such as `for="[::1]:4711";proto=http;host=localhost` (RFC 7239). */
function nodesOf(forwarded: string): string[] {
  return Array.from(
    forwarded.matchAll(/(?:^|[;,])\s*(?:for|host)\s*=\s*("[^"]*"|[^;,]*)/gi),
    ([, node = ""]) => node,
  );
}

/** An address, with or without a port, or a host. */
function isLoopbackNode(node: string): boolean {
  const name = node.trim().replace(/^"(.*)"$/, "$1");
  return /^::(?:1|ffff:127(?:\.\d{1,3}){3})$/i.test(name) || isLoopbackHost(name.replace(/:\d+$/, ""));
}

/**
 * A page of any site can send requests to this machine, although it cannot read the answers. A browser says where a
 * request is from in Origin or, for what needs no permission, in Sec-Fetch-Site. A link to this service is harmless.
 */
function refuseForeignPage(
  request: Request,
  { isOriginAllowed }: { readonly isOriginAllowed: IsOriginAllowed },
): void {
  const { method, headers } = request;
  const origin = headers.get("origin"), isSafe = SAFE_METHODS.includes(method);
  if (origin === null) {
    const isLink = isSafe && headers.get("sec-fetch-mode") === "navigate";
    if (headers.get("sec-fetch-site") !== "cross-site" || isLink) return;
    throw new Problem("origin-not-allowed", "development mode refuses the requests of other sites");
  }
  if (isSafe || isOriginAllowed(origin, { authority: authorityOf(request), scheme: null })) return;
  throw new Problem("origin-not-allowed", `development mode refuses what ${origin} sends`);
}

function notLocal(reason: string): Problem {
  return new Problem(
    "not-local",
    `development mode asks for no key, so it ${reason}: set TIDINGS_PUBLISHER_KEYS and TIDINGS_TOKEN_SECRET`,
  );
}
