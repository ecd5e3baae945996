/**
 * A publisher that sends requests at a rate, whatever the answers are, and counts these. It runs in a process of its own,
 * so that it does not hold up what is measured.
 *
 * `deno run -A tests/bench/load/noise.ts PORT KEY PER_SECOND SECONDS` prints the number of answers by their status.
 */

import { pause } from "../../../src/async/pause.ts";

const [port = "", key = "", perSecond = "", seconds = ""] = Deno.args;
const CONNECTIONS = 8;
const EVERY_MS = 5; // between two bursts of a connection
const HEAD = /HTTP\/1\.1 (\d{3}) /g;

const body = '{"target":"alexander","data":{"title":"Hello, Alexander Hamilton!"}}';
const head = `POST /v1/notify HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n`;
const request = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
const counts: Record<string, number> = {};

/** Reads until so many answers have come. A head is never split, because each answer is written at once. */
async function readAnswers(connection: Deno.TcpConn, count: number): Promise<void> {
  const buffer = new Uint8Array(64 * 1024), decoder = new TextDecoder();
  for (let left = count; left > 0;) {
    const length = await connection.read(buffer) ?? 0;
    if (length === 0) throw new Error("the server closed the connection");
    for (const [, status = ""] of decoder.decode(buffer.subarray(0, length)).matchAll(HEAD)) {
      counts[status] = (counts[status] ?? 0) + 1;
      left--;
    }
  }
}

async function send(): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const perBurst = Number(perSecond) * EVERY_MS / 1000 / CONNECTIONS, encoder = new TextEncoder();
  const start = performance.now(), end = start + 1000 * Number(seconds);
  for (let at = start, owed = 0; at < end; at += EVERY_MS) {
    await pause(Math.max(0, at - performance.now()));
    owed += perBurst;
    const count = Math.floor(owed), bytes = encoder.encode(request.repeat(count));
    owed -= count;
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
    await readAnswers(connection, count);
  }
}

await Promise.all(Array.from({ length: CONNECTIONS }, send));
console.log(JSON.stringify(counts));
