/** Curl commands that work on this server as they are. */

import { baseUrl, needsKey } from "../shared/server.js";

/**
 * Builds a command. In development mode it has no credential, because the server checks none.
 *
 * @param options `method`, `url` (from `/` on), `key` (the credential, or null), `body`, and `isStream`
 */
export function curl({ method = "post", url, key = null, body, isStream = false }) {
  const target = url.includes("?") ? `'${baseUrl}${url}'` : baseUrl + url;
  const flags = [method === "delete" && "-X DELETE", isStream && "-N"].filter(Boolean);
  return [
    ["curl", ...flags, target].join(" "),
    key !== null && needsKey && `-H "Authorization: Bearer ${key}"`,
    body !== undefined && `-d '${JSON.stringify(body)}'`,
  ].filter(Boolean).join(" \\\n  ");
}
