/** The publisher of a backend: `publisher` and the public types. */

import { PublisherClient } from "./publisher_client.ts";
import type { TidingsPublisher, TidingsPublisherOptions } from "./publishing.ts";

export type * from "./publishing.ts";

/**
 * Connects to the service in the background, and reconnects until it is closed or the server refuses it for good. Calls
 * of `notify` may be made at once. They are sent in their order over one WebSocket, up to 1,000 before the first is
 * answered.
 *
 * @param url the URL of the service
 * @throws {TypeError} if the URL is invalid, or if there is no `WebSocket`
 *
 * @example
 * ```ts
 * import { publisher } from "./publisher.ts";
 *
 * async function greet(url: string, key: string): Promise<void> {
 *   await using tidings = publisher(url, { key });
 *   const { id } = await tidings.notify({ target: "alexander", data: { title: "Hello!" } });
 *   console.log(id);
 * }
 * ```
 */
export function publisher(url: string | URL, options: TidingsPublisherOptions = {}): TidingsPublisher {
  return new PublisherClient(url, options) as TidingsPublisher;
}
