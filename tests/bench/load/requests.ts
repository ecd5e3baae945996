/** Requests that are prepared except for the time stamps of their notifications. */

import { prepareCall, writeCallTime } from "./calls.ts";
import { DIGITS, writeTime } from "./clock.ts";
import { DIALECTS, type NotificationText } from "./dialect.ts";
import type { Plan, Server } from "./plan.ts";

const PADDING = "x".repeat(128);
const CHUNK_END = new TextEncoder().encode("\r\n"); // RFC 9112, section 7.1

export class PreparedRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The number of notifications. */
  readonly count: number;
  /** The targets of the notifications, by number. */
  readonly targets: readonly number[];
  readonly #stamps: readonly number[];
  readonly #writeTime: typeof writeTime;

  /**
   * @param options.padding text that makes each notification longer
   * @param options.over a request of HTTP, one in the encoding of protocol buffers, a frame of a WebSocket, or a chunk of
   *   a request with lines
   */
  constructor(
    server: Server,
    targets: readonly number[],
    { padding = PADDING, over = "requests" }: { padding?: string; over?: Plan["over"] } = {},
  ) {
    const notifications = targets.map((target) => ({ target: `t${target}`, data: dataOf(padding) }));
    const isMany = notifications.length > 1 && over !== "chunks";
    const { body, stamps } = over === "calls"
      ? callOf(notifications)
      : bodyOf(notifications, { server, over });
    const path = isMany ? server.many : server.notify;
    const head = headOf(server, { over, path, length: body.length });
    this.bytes = new Uint8Array([...head, ...body, ...(over === "chunks" ? CHUNK_END : [])]);
    this.#stamps = stamps.map((index) => head.length + index);
    this.#writeTime = over === "calls" ? writeCallTime : writeTime;
    this.count = targets.length;
    this.targets = targets;
  }

  stamp(time: number): void {
    for (const index of this.#stamps) this.#writeTime(time, this.bytes, index);
  }
}

/** Prepares the requests of one publisher, which together cover all targets. */
export function requestsOf(server: Server, { targets, batch, over }: Plan): PreparedRequest[] {
  const count = Math.ceil(targets / batch);
  return Array.from({ length: count }, (_, request) => {
    const first = request * batch;
    const numbers = Array.from({ length: batch }, (_, n) => (first + n) % targets);
    return new PreparedRequest(server, numbers, { over });
  });
}

/** The body of a request, and where it has the times of sending. */
interface Body {
  readonly body: Uint8Array;
  readonly stamps: readonly number[];
}

function bodyOf(
  notifications: readonly NotificationText[],
  { server, over }: { server: Server; over: Plan["over"] },
): Body {
  const { one, many } = DIALECTS[server.dialect];
  const hasLines = over === "chunks", isMany = notifications.length > 1 && !hasLines;
  const text = isMany ? many(notifications) : notifications.map(one).join("\n");
  const body = new TextEncoder().encode(hasLines ? `${text}\n` : text);
  return { body, stamps: indexesOf('"ts":', body).map((index) => index + '"ts":'.length) };
}

function callOf(notifications: readonly NotificationText[]): Body {
  const [notification, ...more] = notifications;
  if (notification === undefined || more.length > 0) throw new RangeError("a call has one notification");
  const { target, data } = notification;
  const { body, stamp } = prepareCall({ target, data: JSON.parse(data.replace(/"ts":0+/, '"ts":0')) });
  return { body, stamps: [stamp] };
}

function dataOf(padding: string): string {
  return `{"ts":${"0".repeat(DIGITS)},"title":"Hello, Alexander Hamilton!","pad":"${padding}"}`;
}

/** The header of a text frame (RFC 6455, section 5.2). Its mask is all zeros. */
function frameHead(length: number): Uint8Array {
  if (length < 126 || length >= 65_536) throw new RangeError("such frames are not needed");
  return Uint8Array.of(0x81, 0x80 | 126, length >> 8, length & 255, 0, 0, 0, 0);
}

function headOf(
  server: Server,
  { over, path, length }: { over: Plan["over"]; path: string; length: number },
): Uint8Array {
  if (over === "frames") return frameHead(length);
  const type = over === "calls" ? "application/proto" : "application/json";
  const pathOrCall = over === "calls" ? server.call ?? "" : path;
  return new TextEncoder().encode(
    over === "chunks"
      ? `${length.toString(16)}\r\n`
      : requestHead(server, { path: pathOrCall, type, length }),
  );
}

function requestHead(
  { port, dialect, secrets }: Server,
  { path, type, length }: { path: string; type: string; length: number },
): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    `content-type: ${type}`,
    `content-length: ${length}`,
    ...(secrets === null ? [] : [`authorization: ${DIALECTS[dialect].authorization(secrets.key)}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The notifications are ASCII, so an index in the text is one in the bytes. */
function indexesOf(mark: string, bytes: Uint8Array): number[] {
  return [...new TextDecoder().decode(bytes).matchAll(new RegExp(mark, "g"))].map(({ index }) => index);
}
