/** Where the service is, and who asks: what all requests of a connection have in common. */

import { browser } from "./browser.ts";

export interface Address {
  readonly url: string;
  readonly target: string | undefined;
}

/** A service may be under a path of its host, behind a proxy. In a page, `url` may be relative to it. */
export function addressOf(url: string | URL, target: string | undefined): Address {
  const { origin, pathname } = new URL(url, browser.location?.href);
  return { url: origin + pathname.replace(/\/$/, ""), target };
}

export function urlOf({ url, target }: Address, route: string, after: string | null = null): string {
  const query = new URLSearchParams({ ...(target && { target }), ...(after && { after }) });
  return `${url}/v1/${route}?${query}`;
}

/** For `fetch`. Cookies go with it: one may be the token, and a proxy may know its node by one. */
export function requestWith(token: string | undefined, signal: AbortSignal): RequestInit {
  return {
    headers: { ...(token && { authorization: `Bearer ${token}` }) },
    signal,
    credentials: "include",
    cache: "no-store",
  };
}
