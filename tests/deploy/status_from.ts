/** A request from an address of the test's choice, which `fetch` does not have. */

import { request as httpRequest } from "node:http";

/** Resolves with the status of the answer to a GET. @param localAddress any address of this machine, such as 127.0.0.2 */
export function statusFrom(
  localAddress: string,
  { url, headers }: { url: string; headers: Record<string, string> },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { localAddress, headers, agent: false }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    request.on("error", reject).end();
  });
}
