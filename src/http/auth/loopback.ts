/** Loopback hosts: the names and addresses that a browser resolves to its own machine, whatever DNS says. */

/** The host of a URL, without the port. Browsers resolve every name below `localhost` themselves (RFC 6761). */
export function isLoopbackHost(hostname: string): boolean {
  return /^(?:(?:[\w-]+\.)*localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}
