/** The browser SDK of Tidings: `connect` and the public types. */

import type { ConnectOptions, Tidings } from "./tidings.ts";
import { TidingsClient } from "./tidings_client.ts";

export type * from "./tidings.ts";

/**
 * Connects to the service in the background, and reconnects until it is closed or the server refuses it for good.
 *
 * @param url the URL of the service; in a page, it may be relative
 * @throws {TypeError} if the URL is invalid
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
  return new TidingsClient(url, options as ConnectOptions) as Tidings<Data>;
}
