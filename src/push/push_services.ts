/** The push services that this node sends to: an endpoint comes from a browser, and must not lead anywhere else. */

/** Those of Chrome and most other browsers, of Firefox, Edge and Safari. `*.` stands for any subdomain. */
const VENDORS = [
  "fcm.googleapis.com",
  "*.push.services.mozilla.com",
  "*.notify.windows.com",
  "web.push.apple.com",
] as const;

export interface PushServicesOptions {
  /** More push services, as `https:` origins. */
  readonly origins: readonly string[];
  /** True in development mode: a push service on this machine is allowed too, over plain HTTP and on any port. */
  readonly allowLoopback: boolean;
}

/** True if this node may send to the endpoint. */
export type IsEndpointAllowed = (endpoint: string) => boolean;

/**
 * Only listed hosts are allowed, so neither addresses nor the names of this network or this node are. An endpoint must
 * also be written as browsers write it: one with a fragment or in capitals would be a second one for the same browser.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const isAllowed = endpointRule({ origins: ["https://push.example.com"], allowLoopback: false });
 * assertEquals(isAllowed("https://fcm.googleapis.com/fcm/send/dQw4"), true);
 * assertEquals(isAllowed("https://push.example.com/dQw4"), true);
 * assertEquals(isAllowed("https://169.254.169.254/latest/meta-data/"), false);
 * ```
 */
export function endpointRule({ origins, allowLoopback }: PushServicesOptions): IsEndpointAllowed {
  return function isEndpointAllowed(endpoint) {
    const url = URL.parse(endpoint);
    if (url === null || url.href !== endpoint || url.username || url.password || endpoint.includes("#")) {
      return false;
    }
    if (url.protocol === "http:") return allowLoopback && ["localhost", "127.0.0.1"].includes(url.hostname);
    return url.protocol === "https:" && !isAddress(url) && (isOfVendor(url) || origins.includes(url.origin));
  };
}

/** The host of the endpoint's push service, which names it in answers, logs and errors. The rest of it is secret. */
export function serviceOf(endpoint: string): string {
  return URL.parse(endpoint)?.host ?? "";
}

/** Not even an origin of the configuration may be one. The parser has written every form of IPv4 as four numbers. */
function isAddress({ hostname }: URL): boolean {
  return hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
}

function isOfVendor({ hostname, port }: URL): boolean {
  return port === "" &&
    VENDORS.some((name) => name.startsWith("*") ? hostname.endsWith(name.slice(1)) : hostname === name);
}
