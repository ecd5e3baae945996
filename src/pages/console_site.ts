/** The operator's console. Its files are for everybody; every figure in it needs a publisher key. */

import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import chart from "./console/chart.js" with { type: "text" };
import style from "./console/console.css" with { type: "text" };
import page from "./console/console.html" with { type: "text" };
import script from "./console/console.js" with { type: "text" };
import foundTables from "./console/found_tables.js" with { type: "text" };
import history from "./console/history.js" with { type: "text" };
import kept from "./console/kept.js" with { type: "text" };
import lookUp from "./console/look_up.js" with { type: "text" };
import nodesTable from "./console/nodes_table.js" with { type: "text" };
import numbers from "./console/numbers.js" with { type: "text" };
import rates from "./console/rates.js" with { type: "text" };
import snapshots from "./console/snapshots.js" with { type: "text" };
import targetPanel from "./console/target_panel.js" with { type: "text" };
import { file, type Site } from "./site.ts";

export const CONSOLE_SITE: Site = {
  "/console": file("html", page),
  "/pages/uplot.css": file("css", uplotStyle),
  "/pages/uplot.js": file("js", uplot),
  "/pages/console/chart.js": file("js", chart),
  "/pages/console/console.css": file("css", style),
  "/pages/console/console.js": file("js", script),
  "/pages/console/found_tables.js": file("js", foundTables),
  "/pages/console/history.js": file("js", history),
  "/pages/console/kept.js": file("js", kept),
  "/pages/console/look_up.js": file("js", lookUp),
  "/pages/console/nodes_table.js": file("js", nodesTable),
  "/pages/console/numbers.js": file("js", numbers),
  "/pages/console/rates.js": file("js", rates),
  "/pages/console/snapshots.js": file("js", snapshots),
  "/pages/console/target_panel.js": file("js", targetPanel),
};
