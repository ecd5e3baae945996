/**
 * Measures how long `GET /v1/inbox` takes, a page of 50 among 1,000 that are kept, while a node with SQLite accepts 2,000
 * requests a second, each with one notification for another target. The node has a core of its own, and the load the
 * other one.
 *
 * `deno run -A tests/bench/inbox_latency.ts`
 */

import { createPin } from "./cores.ts";
import { delay } from "./load/delay.ts";
import { DeliveryStats } from "./load/delivery_stats.ts";
import { percentiles } from "./load/percentiles.ts";
import type { Plan } from "./load/plan.ts";
import { Publishers } from "./load/publishers.ts";
import { ResponseReader } from "./load/response_reader.ts";
import { JOURNALS } from "./peers.ts";
import { ServerProcess } from "./server_process.ts";

const KEPT = 1_000;
const PAGES = 600, PAUSE_MS = 15;
const WARM_UP_MS = 2_000;
const ROUNDS = 3;
const SECONDS = (WARM_UP_MS + PAGES * (PAUSE_MS + 5)) / 1000;

const plan: Plan = {
  tabs: 0,
  targets: 1_000,
  stalled: false,
  publishers: 16,
  batch: 1,
  rate: 2_000,
  until: { seconds: SECONDS },
};
const data = { title: "Hello, Alexander Hamilton!", padding: "x".repeat(128) };

async function keep(port: number): Promise<void> {
  const all = Array.from({ length: KEPT }, () => ({ target: "alexander", data }));
  const response = await fetch(`http://127.0.0.1:${port}/v1/notify`, {
    method: "POST",
    body: JSON.stringify(all),
  });
  await response.body?.cancel();
  if (response.status !== 202) throw new Error(`the notifications were answered with ${response.status}`);
}

/** Resolves with the milliseconds that each page took. A plain socket costs the load's core less than `fetch`. */
async function readPages(port: number): Promise<number[]> {
  const times: number[] = [];
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  const responses = new ResponseReader(connection);
  const request = new TextEncoder().encode(
    `GET /v1/inbox?target=alexander&limit=50 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`,
  );
  while (times.length < PAGES) {
    const start = performance.now();
    await connection.write(request);
    const status = await responses.next();
    if (status !== 200) throw new Error(`the inbox was answered with ${status}`);
    times.push(performance.now() - start);
    await delay(PAUSE_MS);
  }
  return times;
}

const { pin, note } = await createPin();
console.log(note);
const { sqlite } = JOURNALS;
if (sqlite === undefined) throw new Error("the bench knows no SQLite journal");
for (let round = 1; round <= ROUNDS; round++) {
  await using process = await ServerProcess.start(sqlite, { pin, secrets: null });
  await keep(process.server.port);
  using publishers = await Publishers.open(process.server, plan);
  const publishing = publishers.publish({ stats: new DeliveryStats({ timed: 64 }), readers: [] });
  await delay(WARM_UP_MS);
  const [p50 = NaN, p99 = NaN, max = NaN] = percentiles(await readPages(process.server.port), [50, 99, 100]);
  const { accepted, failed } = await publishing;
  const rate = Math.round(accepted / SECONDS);
  console.log(
    `a page: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, at most ${max.toFixed(1)} ms; ` +
      `${rate} requests a second, ${failed} failed`,
  );
}
