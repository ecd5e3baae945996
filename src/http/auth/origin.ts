/** Which pages may connect, by the Origin header of browsers. Other clients can forge it, so they are stopped by tokens. */

/** True if pages of the origin may connect to the host. The host contains the port unless it is the scheme's default. */
export type IsOriginAllowed = (origin: string, host: string) => boolean;

/** Allows pages of the host itself. */
export function allowSameHost(): IsOriginAllowed {
  return (origin, host) => URL.canParse(origin) && new URL(origin).host === host;
}

/** Allows pages of the listed origins. `https://*.example.com` stands for every subdomain, but not for example.com. */
export function allowListed(list: readonly string[]): IsOriginAllowed {
  return (origin) => list.some((listed) => matches(origin, listed));
}

function matches(origin: string, listed: string): boolean {
  const [before = "", after] = listed.split("*");
  if (after === undefined) return origin === listed;
  const subdomain = origin.slice(before.length, origin.length - after.length);
  return origin === before + subdomain + after && /^[\w.-]+$/.test(subdomain);
}
