/** Which pages may connect, by the Origin that browsers tell. Other clients can claim any: tokens stop those. */

/** True if pages of the origin may connect to this host (and port, unless it is the scheme's own). */
export type JudgeOrigin = (origin: string, host: string) => boolean;

/** Pages of the host itself may. */
export function sameHost(): JudgeOrigin {
  return (origin, host) => URL.canParse(origin) && new URL(origin).host === host;
}

/** Pages of the listed origins may; `https://*.example.com` is every subdomain of example.com, but not itself. */
export function listedOrigin(list: readonly string[]): JudgeOrigin {
  return (origin) => list.some((listed) => matches(origin, listed));
}

function matches(origin: string, listed: string): boolean {
  const [before = "", after] = listed.split("*");
  if (after === undefined) return origin === listed;
  const subdomain = origin.slice(before.length, origin.length - after.length);
  return origin === before + subdomain + after && /^[\w.-]+$/.test(subdomain);
}
