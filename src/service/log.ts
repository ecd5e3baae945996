/** The log: one line for each record on standard output, as text in development mode and as JSON otherwise. */

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

/** Nothing is logged before this call, so tests print no log. */
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

/** The values of a JSON record are properties of their own types, so its message needs no quotes around them. */
export function formatterFor({ development }: Pick<Config, "development">): TextFormatter {
  if (development) return getTextFormatter({ timestamp: "time" });
  const formatted = getJsonLinesFormatter({ properties: "flatten" });
  return function formatter(record) {
    const message = record.message.map((part, index) => index % 2 === 0 ? part : plainText(part));
    return formatted({ ...record, message: [message.join("")] });
  };
}

function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Error ? value.message : JSON.stringify(value) ?? String(value);
}
