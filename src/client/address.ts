/** The address of the service, and what all requests to it have in common. */

import { browser } from "./browser.ts";

export interface Address {
  /** The URL of the service, without a slash at the end. */
  readonly url: string;
  /** The value of `?target=`. */
  readonly target: string | undefined;
}

/**
 * Keeps the path, for a service behind a proxy, and drops the query. In a page, `url` may be relative.
 *
 * @throws {TypeError} if the URL is invalid
 */
export function parseAddress(url: string | URL, target: string | undefined): Address {
  const { origin, pathname } = new URL(url, browser.location?.href);
  return { url: origin + pathname.replace(/\/$/, ""), target };
}

/** @returns the URL of a route below `/v1/`; `after` is the position to resume after, `query` the rest of the query */
export function urlOf(
  { url, target, after, query }: Address & {
    after?: string | null;
    query?: Record<string, string> | undefined;
  },
  route: string,
): string {
  const all = new URLSearchParams({ ...(target && { target }), ...(after && { after }), ...query });
  return `${url}/v1/${route}?${all}`;
}

/** The options of `fetch`. They include cookies: one may be the token, and a proxy may route by another. */
export function requestInit(token: string | null | undefined): RequestInit {
  return {
    headers: { ...(token && { authorization: `Bearer ${token}` }) },
    credentials: "include",
    cache: "no-store",
  };
}
