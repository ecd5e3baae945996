/** The API reference: a page, and the two documents that the page shows and that tools read. */

import { asyncapi } from "../reference/asyncapi.ts";
import { openapi } from "../reference/openapi.ts";
import curl from "./docs/curl.js" with { type: "text" };
import style from "./docs/docs.css" with { type: "text" };
import page from "./docs/docs.html" with { type: "text" };
import script from "./docs/docs.js" with { type: "text" };
import introduction from "./docs/introduction.js" with { type: "text" };
import operation from "./docs/operation.js" with { type: "text" };
import prose from "./docs/prose.js" with { type: "text" };
import schema from "./docs/schema.js" with { type: "text" };
import { file, type Site } from "./site.ts";

export const DOCS_SITE: Site = {
  "/docs": file("html", page),
  "/openapi.json": file("json", () => JSON.stringify(openapi())),
  "/asyncapi.json": file("json", () => JSON.stringify(asyncapi())),
  "/pages/docs/curl.js": file("js", curl),
  "/pages/docs/docs.css": file("css", style),
  "/pages/docs/docs.js": file("js", script),
  "/pages/docs/introduction.js": file("js", introduction),
  "/pages/docs/operation.js": file("js", operation),
  "/pages/docs/prose.js": file("js", prose),
  "/pages/docs/schema.js": file("js", schema),
};
