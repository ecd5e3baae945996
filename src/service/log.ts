/** The log: one line a record on standard output, for people in development and as JSON for machines elsewhere. */

import {
  configure,
  getConsoleSink,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type Logger,
  type TextFormatter,
} from "@logtape/logtape";
import type { Config } from "../config/config.ts";

export const log: Logger = getLogger("tidings");

/** Until this is called, nothing is logged: tests are silent. */
export async function startLog(
  { logLevel, development }: Pick<Config, "logLevel" | "development">,
): Promise<void> {
  await configure({
    sinks: { console: getConsoleSink({ formatter: formatterFor({ development }) }) },
    loggers: [
      { category: "tidings", lowestLevel: logLevel, sinks: ["console"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["console"] },
    ],
  });
}

/** An error has no properties that JSON would have: a message for machines has the error's own in its place. */
export function formatterFor({ development }: Pick<Config, "development">): TextFormatter {
  if (development) return getTextFormatter({ timestamp: "time" });
  const formatted = getJsonLinesFormatter({ properties: "flatten" });
  return function formatter(record) {
    const message = record.message.map((part) => part instanceof Error ? part.message : part);
    return formatted({ ...record, message });
  };
}
