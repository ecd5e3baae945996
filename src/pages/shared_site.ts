/** The files that several pages load. */

import mode from "./mode.js" with { type: "text" };
import controls from "./shared/controls.css" with { type: "text" };
import dom from "./shared/dom.js" with { type: "text" };
import keyForm from "./shared/key_form.js" with { type: "text" };
import logo from "./shared/logo.svg" with { type: "text" };
import server from "./shared/server.js" with { type: "text" };
import tables from "./shared/tables.css" with { type: "text" };
import theme from "./shared/theme.css" with { type: "text" };
import { file, type Site } from "./site.ts";

/**
 * @param needsKey whether publishers need a key; pages know it from the start, without a request that is
 * refused
 */
export function sharedSite({ needsKey }: { readonly needsKey: boolean }): Site {
  return { ...FILES, "/pages/mode.js": file("js", mode.replace("= true", `= ${needsKey}`)) };
}

const FILES: Site = {
  "/pages/shared/controls.css": file("css", controls),
  "/pages/shared/dom.js": file("js", dom),
  "/pages/shared/key_form.js": file("js", keyForm),
  "/pages/shared/logo.svg": file("svg", logo),
  "/pages/shared/server.js": file("js", server),
  "/pages/shared/tables.css": file("css", tables),
  "/pages/shared/theme.css": file("css", theme),
};
