/** The lines of the access log, in the forms of all other lines of the log: JSON, or text in development mode. */

import type { Exchange } from "../http/exchange.ts";
import { printable } from "./printable.ts";
import { refusalReason } from "./refusal_reason.ts";

/** What many lines have in common: those of one route, one publisher and one address, for example. */
export interface AccessGroup {
  readonly exchange: Exchange;
  readonly status: number;
  readonly level: AccessLevel;
}

export type AccessLevel = "debug" | "info" | "warning";

/** A line is the second, its milliseconds, what is common, the duration in milliseconds, more of this, the id, and the rest. */
export interface AccessFormat {
  /** @param second RFC 3339, in UTC, without milliseconds and `Z` */
  readonly second: (second: string) => string;
  readonly common: (group: AccessGroup) => string;
  readonly beforeId: (exchange: Exchange) => string;
  /** Ends with the line feed. */
  readonly rest: (exchange: Exchange) => string;
}

/** LogTape takes 27 µs for such a record, and a whole request 40. */
export const JSON_FORMAT: AccessFormat = {
  second: (second) => `{"@timestamp":"${second}.`,
  common: commonJson,
  beforeId: () => ',"request_id":"',
  rest: restJson,
};
export const TEXT_FORMAT: AccessFormat = {
  second: (second) => `${second.slice("2026-01-01T".length)}.`,
  common: commonText,
  beforeId: beforeIdText,
  rest: restText,
};

const JSON_LEVELS = { debug: "DEBUG", info: "INFO", warning: "WARN" };
const TEXT_LEVELS = { debug: "DBG", info: "INF", warning: "WRN" };
/** Texts that JSON does not change. Most are, and `JSON.stringify` takes ten times as long as this test. */
const PLAIN = /^[\w.:%/@+=~ -]*$/;

/** Whether both have the same in common. The level follows from the rest. */
export function isSameGroup({ exchange: a, status }: AccessGroup, other: AccessGroup): boolean {
  const b = other.exchange;
  return a.method === b.method && a.route === b.route && a.key === b.key && a.client === b.client &&
    status === other.status;
}

function commonJson({ exchange, status, level }: AccessGroup): string {
  const { method, route, key, client } = exchange;
  return `Z","level":"${JSON_LEVELS[level]}",` +
    `"message":${quoted(`${nameOf(exchange)} ${status}`)},` +
    `"logger":"tidings.access","method":${quoted(method)},` +
    (route === undefined ? "" : `"route":${quoted(route)},`) +
    `"status":${status},` +
    (key === undefined ? "" : `"key":${quoted(key)},`) +
    `"client":${quoted(client)},"duration_ms":`;
}

function restJson({ traceId, origin, problem }: Exchange): string {
  if (traceId === undefined && problem === undefined) return '"}\n';
  return '"' + (traceId === undefined ? "" : `,"trace_id":"${traceId}"`) +
    (origin === undefined ? "" : `,"origin":${quoted(origin)}`) +
    (problem === undefined ? "" : `,"kind":"${problem.kind}","reason":${quoted(refusalReason(problem))}`) +
    "}\n";
}

function commonText({ exchange, status, level }: AccessGroup): string {
  return ` [${TEXT_LEVELS[level]}] tidings·access: ${printable(nameOf(exchange))} ${status} in `;
}

function beforeIdText({ client, key }: Exchange): string {
  return ` ms from ${printable(client)}${key === undefined ? "" : `, key ${printable(key)}`}, request `;
}

function restText({ origin, problem }: Exchange): string {
  return (origin === undefined ? "" : `, page of ${printable(origin)}`) +
    (problem === undefined ? "" : `: ${refusalReason(problem)}`) + "\n";
}

function nameOf({ method, route }: Exchange): string {
  return route === undefined ? method : `${method} ${route}`;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(printable(text));
}
