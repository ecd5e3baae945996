/** Which pages may connect, by the Origin header of browsers. Other clients can forge it, so they are stopped by tokens. */

import type { Config } from "../../config/config.ts";
import { isLoopbackHost } from "./loopback.ts";

/** Where a request was sent to. */
export interface Destination {
  /** Host and port. The port may be missing if it is the default of the scheme. */
  readonly authority: string;
  /** The scheme that the browser used. Null if that is not known, because a proxy may terminate TLS. */
  readonly scheme: "http" | "https" | null;
}

/** True if pages of the origin may send requests to the destination. */
export type IsOriginAllowed = (origin: string, destination: Destination) => boolean;

/** In development mode, every page of this machine is allowed too: the port of a front-end's own server may be any. */
export function originRule(
  { development, allowedOrigins }: Pick<Config, "development" | "allowedOrigins">,
): IsOriginAllowed {
  const configured = allowedOrigins === null ? allowSameHost() : allowListed(allowedOrigins);
  if (!development) return configured;
  return (origin, destination) => isLoopbackOrigin(origin) || configured(origin, destination);
}

/** Allows pages of the destination's own host and port, and its scheme if that is known. */
export function allowSameHost(): IsOriginAllowed {
  return (origin, { authority, scheme }) => {
    const { protocol = "", host } = URL.parse(origin) ?? {};
    if (!["http:", "https:"].includes(protocol) || (scheme !== null && protocol !== `${scheme}:`)) {
      return false;
    }
    return URL.parse(`${protocol}//${authority}`)?.host === host; // without the default port, and in lower case
  };
}

/** Allows pages of the listed origins. `https://*.example.com` stands for every subdomain, but not for example.com. */
export function allowListed(list: readonly string[]): IsOriginAllowed {
  return (origin) => list.some((listed) => matches(origin, listed));
}

function isLoopbackOrigin(origin: string): boolean {
  const { protocol = "", hostname = "" } = URL.parse(origin) ?? {};
  return ["http:", "https:"].includes(protocol) && isLoopbackHost(hostname);
}

function matches(origin: string, listed: string): boolean {
  const [before = "", after] = listed.split("*");
  if (after === undefined) return origin === listed;
  const subdomain = origin.slice(before.length, origin.length - after.length);
  return origin === before + subdomain + after && /^[\w.-]+$/.test(subdomain);
}
