/** The lines of the access log, in the forms of all other lines of the log: JSON, or text in development mode. */

import type { Exchange } from "../http/exchange.ts";
import { toRfc3339 } from "../wire/rfc3339.ts";
import { printable } from "./printable.ts";
import { refusalReason } from "./refusal_reason.ts";

/** A request that was answered. */
export interface AccessRecord {
  readonly exchange: Exchange;
  readonly status: number;
  /** From the head of the request to that of the answer, in milliseconds. */
  readonly ms: number;
  readonly level: AccessLevel;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type AccessLevel = "debug" | "info" | "warning";

const JSON_LEVELS = { debug: "DEBUG", info: "INFO", warning: "WARN" };
const TEXT_LEVELS = { debug: "DBG", info: "INF", warning: "WRN" };
/** Texts that JSON does not change. Most are, and `JSON.stringify` takes ten times as long as this test. */
const PLAIN = /^[\w.:%/@+=~ -]*$/;

/** Returns the line with its line feed. LogTape takes 27 µs for such a record, and a whole request 40. */
export function accessLineJson({ exchange, status, ms, level, at }: AccessRecord): string {
  const { start: { method, route, id, client, traceId }, key, origin, problem } = exchange;
  const name = route === undefined ? method : `${method} ${route}`;
  return `{"@timestamp":"${toRfc3339(at)}","level":"${JSON_LEVELS[level]}",` +
    `"message":${quoted(`${name} ${status}`)},"logger":"tidings.access","method":${quoted(method)},` +
    (route === undefined ? "" : `"route":${quoted(route)},`) +
    `"status":${status},"duration_ms":${rounded(ms)},` +
    (key === undefined ? "" : `"key":${quoted(key)},`) +
    (origin === undefined ? "" : `"origin":${quoted(origin)},`) +
    (problem === undefined ? "" : `"kind":"${problem.kind}","reason":${quoted(refusalReason(problem))},`) +
    (traceId === undefined ? "" : `"trace_id":"${traceId}",`) +
    `"client":${quoted(client)},"request_id":${quoted(id)}}\n`;
}

/** Returns the line with its line feed. */
export function accessLineText({ exchange, status, ms, level, at }: AccessRecord): string {
  const { start: { method, route, id, client }, key, origin, problem } = exchange;
  const name = route === undefined ? method : `${method} ${route}`;
  return `${toRfc3339(at).slice(11, 23)} [${TEXT_LEVELS[level]}] tidings·access: ${printable(name)} ${status}` +
    ` in ${rounded(ms)} ms from ${printable(client)}` +
    (key === undefined ? "" : `, key ${printable(key)}`) +
    (origin === undefined ? "" : `, page of ${printable(origin)}`) +
    `, request ${id}` +
    (problem === undefined ? "" : `: ${refusalReason(problem)}`) + "\n";
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(printable(text));
}

/** To the microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
