/** The log: one line a record on standard output, for people in development and as JSON for machines elsewhere. */

import {
  configure,
  getConsoleSink,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type Logger,
} from "@logtape/logtape";
import type { Config } from "./config.ts";

export const log: Logger = getLogger("tidings");

/** Until this is called, nothing is logged: tests are silent. */
export async function startLog(
  { logLevel, development }: Pick<Config, "logLevel" | "development">,
): Promise<void> {
  const formatter = development
    ? getTextFormatter({ timestamp: "time" })
    : getJsonLinesFormatter({ properties: "flatten" });
  await configure({
    sinks: { console: getConsoleSink({ formatter }) },
    loggers: [
      { category: "tidings", lowestLevel: logLevel, sinks: ["console"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["console"] },
    ],
  });
}
