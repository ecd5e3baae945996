/** Serves a page that is one file, with its style and script inside. */

import type { Handler } from "hono";

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; " +
  "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function page(html: string): Handler {
  return function page(c) {
    c.header("content-security-policy", POLICY);
    return c.html(html);
  };
}
