/** The browser SDK of Tidings: `connect`, and the types of what it takes and gives. */

import { Client } from "./tab.ts";
import type { ConnectOptions, Tidings } from "./tidings.ts";

export type * from "./tidings.ts";

/**
 * Connects, and stays connected until it is closed.
 *
 * @param url of the service; in a page, it may be relative
 * @throws {TypeError} if the URL is none
 *
 * @example
 * ```ts
 * import { connect } from "./client.ts";
 *
 * interface Greeting {
 *   readonly title: string;
 * }
 *
 * async function greet(url: string): Promise<void> {
 *   using tidings = connect<Greeting>(url, { target: "alexander" });
 *   for await (const { data } of tidings.notifications()) console.log(data.title);
 * }
 * ```
 */
export function connect<Data = unknown>(
  url: string | URL,
  options: ConnectOptions<Data> = {},
): Tidings<Data> {
  return new Client(url, options as ConnectOptions) as Tidings<Data>;
}
