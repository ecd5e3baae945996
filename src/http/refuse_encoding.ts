/** Refuses bodies that are compressed. */

import { Problem } from "../wire/problem.ts";
import { parseList } from "./header_list.ts";

/** RFC 9110, section 15.5.16: the answer lists the codings that are supported. */
export function refuseEncoding({ headers }: Request): void {
  if (!headers.has("content-encoding")) return; // later look-ups are faster after `has`, as in auth/local_only.ts
  const codings = parseList(headers.get("content-encoding")).filter((coding) =>
    coding.toLowerCase() !== "identity"
  );
  if (codings.length === 0) return;
  throw new Problem(
    "unsupported-encoding",
    `Content-Encoding ${codings.join(", ")} is not supported: send the body uncompressed`,
    { headers: { "accept-encoding": "identity" } },
  );
}
