/** Requests that are prepared except for the time stamps of their notifications. */

import { DIGITS, writeTime } from "./clock.ts";
import type { Plan, Server } from "./plan.ts";

const PADDING = "x".repeat(128);

export class PreparedRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The number of notifications. */
  readonly count: number;
  /** The targets of the notifications, by number. */
  readonly targets: readonly number[];
  readonly #stamps: readonly number[];

  /** @param padding text that makes each notification longer */
  constructor(server: Server, targets: readonly number[], padding = PADDING) {
    const items = targets.map((target) => notification(target, padding));
    const isArray = items.length > 1;
    const body = isArray ? `[${items.join(",")}]` : items.join("");
    const head = headOf(server, { path: isArray ? server.many : server.notify, length: body.length });
    this.bytes = new TextEncoder().encode(head + body);
    this.#stamps = indexesOf('"ts":', head + body).map((index) => index + '"ts":'.length);
    this.count = items.length;
    this.targets = targets;
  }

  stamp(time: number): void {
    for (const index of this.#stamps) writeTime(time, this.bytes, index);
  }
}

/** Prepares the requests of one publisher, which together cover all targets. */
export function requestsOf(server: Server, { targets, batch }: Plan): PreparedRequest[] {
  const count = Math.ceil(targets / batch);
  return Array.from({ length: count }, (_, request) => {
    const first = request * batch;
    return new PreparedRequest(server, Array.from({ length: batch }, (_, n) => (first + n) % targets));
  });
}

function notification(target: number, padding: string): string {
  const stamp = "0".repeat(DIGITS);
  return `{"target":"t${target}","data":{"ts":${stamp},"title":"Hello, Alexander Hamilton!","pad":"${padding}"}}`;
}

function headOf({ port, secrets }: Server, { path, length }: { path: string; length: number }): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    `content-length: ${length}`,
    ...(secrets === null ? [] : [`authorization: Bearer ${secrets.key}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function indexesOf(mark: string, text: string): number[] {
  return [...text.matchAll(new RegExp(mark, "g"))].map(({ index }) => index);
}
