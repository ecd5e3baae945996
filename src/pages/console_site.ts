/** The operator's console: its files are public, but every figure requires a publisher key. */

import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import chart from "./console/chart.js" with { type: "text" };
import style from "./console/console.css" with { type: "text" };
import page from "./console/console.html" with { type: "text" };
import script from "./console/console.js" with { type: "text" };
import history from "./console/history.js" with { type: "text" };
import lookup from "./console/lookup.js" with { type: "text" };
import lookupTables from "./console/lookup_tables.js" with { type: "text" };
import nodesTable from "./console/nodes_table.js" with { type: "text" };
import numbers from "./console/numbers.js" with { type: "text" };
import rates from "./console/rates.js" with { type: "text" };
import snapshots from "./console/snapshots.js" with { type: "text" };
import storedNotifications from "./console/stored_notifications.js" with { type: "text" };
import targetPanel from "./console/target_panel.js" with { type: "text" };
import unreadWatch from "./console/unread_watch.js" with { type: "text" };
import { file, type Site } from "./site.ts";

export const CONSOLE_SITE: Site = {
  "/console": file("html", page),
  "/pages/uplot.css": file("css", uplotStyle),
  "/pages/uplot.js": file("js", uplot),
  "/pages/console/chart.js": file("js", chart),
  "/pages/console/console.css": file("css", style),
  "/pages/console/console.js": file("js", script),
  "/pages/console/history.js": file("js", history),
  "/pages/console/lookup.js": file("js", lookup),
  "/pages/console/lookup_tables.js": file("js", lookupTables),
  "/pages/console/nodes_table.js": file("js", nodesTable),
  "/pages/console/numbers.js": file("js", numbers),
  "/pages/console/rates.js": file("js", rates),
  "/pages/console/snapshots.js": file("js", snapshots),
  "/pages/console/stored_notifications.js": file("js", storedNotifications),
  "/pages/console/target_panel.js": file("js", targetPanel),
  "/pages/console/unread_watch.js": file("js", unreadWatch),
};
