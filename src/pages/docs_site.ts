/** The API reference: a page that shows `/openapi.json` and `/asyncapi.json`. */

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
  "/pages/docs/curl.js": file("js", curl),
  "/pages/docs/docs.css": file("css", style),
  "/pages/docs/docs.js": file("js", script),
  "/pages/docs/introduction.js": file("js", introduction),
  "/pages/docs/operation.js": file("js", operation),
  "/pages/docs/prose.js": file("js", prose),
  "/pages/docs/schema.js": file("js", schema),
};
