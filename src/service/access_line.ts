/** The lines of the access log, in the forms of all other lines of the log: JSON, or text in development mode. */

import type { Exchange } from "../http/exchange.ts";
import { printable } from "./printable.ts";
import { refusalReason } from "./refusal_reason.ts";

/** A request that was answered. */
export interface AccessRecord {
  readonly exchange: Exchange;
  readonly status: number;
  readonly level: AccessLevel;
  /** From the head of the request to that of the answer, in milliseconds. */
  readonly ms: number;
  /** RFC 3339, in UTC. */
  readonly time: string;
}

export type AccessLevel = "debug" | "info" | "warning";

/** Returns a line with its line feed. */
export type FormatAccess = (record: AccessRecord) => string;

const JSON_LEVELS = { debug: "DEBUG", info: "INFO", warning: "WARN" };
const TEXT_LEVELS = { debug: "DBG", info: "INF", warning: "WRN" };
/** Texts that JSON does not change. Most are, and `JSON.stringify` takes ten times as long as this test. */
const PLAIN = /^[\w.:%/@+=~ -]*$/;

/** LogTape takes 27 µs for such a record, and a whole request 40. This takes one, because most lines have a part in common. */
export function createJsonFormat(): FormatAccess {
  let last: AccessRecord | undefined, common = "";
  return function formatJson(record) {
    const { exchange: { id, traceId, origin, problem }, ms, time } = record;
    if (last === undefined || !isAlike(record, last)) common = commonJson(record);
    last = record;
    const line = `{"@timestamp":"${time}${common}${rounded(ms)},"request_id":"${id}"`;
    if (traceId === undefined && problem === undefined) return `${line}}\n`;
    return line + (traceId === undefined ? "" : `,"trace_id":"${traceId}"`) +
      (origin === undefined ? "" : `,"origin":${quoted(origin)}`) +
      (problem === undefined ? "" : `,"kind":"${problem.kind}","reason":${quoted(refusalReason(problem))}`) +
      "}\n";
  };
}

export function formatText({ exchange, status, ms, level, time }: AccessRecord): string {
  const { id, client, key, origin, problem } = exchange;
  return `${time.slice(11, 23)} [${TEXT_LEVELS[level]}] tidings·access: ${
    printable(nameOf(exchange))
  } ${status}` +
    ` in ${rounded(ms)} ms from ${printable(client)}` +
    (key === undefined ? "" : `, key ${printable(key)}`) +
    (origin === undefined ? "" : `, page of ${printable(origin)}`) +
    `, request ${id}` +
    (problem === undefined ? "" : `: ${refusalReason(problem)}`) + "\n";
}

/** Whether the common part of two lines is the same. */
function isAlike({ exchange: a, status, level }: AccessRecord, last: AccessRecord): boolean {
  const b = last.exchange;
  return a.method === b.method && a.route === b.route && a.key === b.key && a.client === b.client &&
    status === last.status && level === last.level;
}

/** What is between the time and the duration. */
function commonJson({ exchange, status, level }: AccessRecord): string {
  const { method, route, key, client } = exchange;
  return `","level":"${JSON_LEVELS[level]}","message":${quoted(`${nameOf(exchange)} ${status}`)},` +
    `"logger":"tidings.access","method":${quoted(method)},` +
    (route === undefined ? "" : `"route":${quoted(route)},`) +
    `"status":${status},` +
    (key === undefined ? "" : `"key":${quoted(key)},`) +
    `"client":${quoted(client)},"duration_ms":`;
}

function nameOf({ method, route }: Exchange): string {
  return route === undefined ? method : `${method} ${route}`;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(printable(text));
}

/** To the microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
