/**
 * Measures what a publisher at its limit does to another one. A quiet publisher sends 200 requests a second, alone and, in
 * turns, beside a noisy one that sends a hundred times what its key may. The answers to the quiet one are timed.
 *
 * `deno run -A tests/bench/limited_publisher.ts [LIMIT] [ROUNDS]`, where LIMIT is the noisy key's, in requests a second.
 */

import { ServiceProcess } from "../end_to_end/service_process.ts";
import { pause } from "../../src/async/pause.ts";
import { median, percentiles } from "./load/percentiles.ts";
import { ResponseReader } from "./load/response_reader.ts";
import { cpuSeconds } from "./load/usage.ts";

const LIMIT = Number(Deno.args[0] ?? "20"), ROUNDS = Number(Deno.args[1] ?? "21");
const FACTOR = 100;
const SECONDS = 2;
const QUIET = { key: "q".repeat(32), perSecond: 200, connections: 4 };
const NOISY = { key: "n".repeat(32), perSecond: FACTOR * LIMIT };
const KEYS = `quiet:publish:${QUIET.key},noisy:publish:${NOISY.key}`;

const body = JSON.stringify({ target: "alexander", data: { title: "Hello, Alexander Hamilton!" } });

function requestOf(key: string, port: number): Uint8Array {
  const head = `POST /v1/notify HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n`;
  return new TextEncoder().encode(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
}

async function connect(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  return connection;
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

/** Sends requests at a steady rate until `end`, and resolves with how long each answer took, in milliseconds. */
async function sendQuietly(port: number, end: number): Promise<number[]> {
  const request = requestOf(QUIET.key, port), everyMs = 1000 * QUIET.connections / QUIET.perSecond;
  const all = Array.from({ length: QUIET.connections }, async (_, index) => {
    using connection = await connect(port);
    const responses = new ResponseReader(connection), took: number[] = [];
    for (let at = performance.now() + index * everyMs / QUIET.connections; at < end; at += everyMs) {
      await pause(Math.max(0, at - performance.now()));
      const sentAt = performance.now();
      await writeAll(connection, request);
      const status = await responses.next();
      if (status !== 202) throw new Error(`the quiet publisher was answered with ${status}`);
      took.push(performance.now() - sentAt);
    }
    return took;
  });
  return (await Promise.all(all)).flat();
}

/** Starts the noisy publisher. Resolves with how many requests had each status. */
async function makeNoise(port: number): Promise<Record<string, number>> {
  const noise = new URL("load/noise.ts", import.meta.url).pathname;
  const args = ["run", "-A", noise, `${port}`, NOISY.key, `${NOISY.perSecond}`, `${SECONDS + 1}`];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function measure(): Promise<void> {
  await using service = await ServiceProcess.start({
    TIDINGS_SCOPED_KEYS: KEYS,
    TIDINGS_TOKEN_SECRET: "t".repeat(32),
    TIDINGS_KEY_LIMITS: `noisy/requests=${LIMIT}`,
  });
  const alone: number[] = [], beside: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [p99 = NaN] = percentiles(await sendQuietly(service.port, performance.now() + 1000 * SECONDS), [
      99,
    ]);
    const noise = makeNoise(service.port);
    await pause(1_000); // it has to start
    const before = cpuSeconds(service.pid) ?? NaN;
    const [p99Beside = NaN] = percentiles(
      await sendQuietly(service.port, performance.now() + 1000 * SECONDS),
      [99],
    );
    const cpu = 100 * ((cpuSeconds(service.pid) ?? NaN) - before) / SECONDS;
    const { 202: accepted = 0, 429: refused = 0 } = await noise;
    console.log(
      `p99: ${p99.toFixed(2)} ms alone, ${
        p99Beside.toFixed(2)
      } ms beside; the noisy one had ${accepted} accepted and ` +
        `${refused} refused; CPU of the node: ${cpu.toFixed()} %`,
    );
    if (round === 0) continue; // practice for V8
    alone.push(p99);
    beside.push(p99Beside);
  }
  const ratio = median(beside) / median(alone);
  console.log(
    `Medians: p99 ${median(alone).toFixed(2)} ms alone, ${median(beside).toFixed(2)} ms beside, ratio ${
      ratio.toFixed(2)
    }`,
  );
}

await measure();
