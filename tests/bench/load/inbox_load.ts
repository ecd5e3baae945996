/** The process of the load of `inbox_latency.ts`: its argument is a server and a plan, and it prints the result. */

import { delay } from "./delay.ts";
import { DeliveryStats } from "./delivery_stats.ts";
import { HttpPublisher } from "./http_publisher.ts";
import type { Plan, Server } from "./plan.ts";
import { Publishers } from "./publishers.ts";
import { PreparedRequest } from "./requests.ts";
import { ResponseReader } from "./response_reader.ts";

export interface InboxResult {
  /** Milliseconds from before a request was written until its response was read. */
  readonly latencies: readonly number[];
  /** The notifications that were accepted beside. */
  readonly perSecond: number;
}

const KEPT = 1_000, PER_REQUEST = 100;
const MAX_PAUSE_MS = 20;
const WARM_UP_MS = 3_000; // V8 has not compiled the service before

if (import.meta.main) {
  const { server, plan }: { server: Server; plan: Plan } = JSON.parse(Deno.args[0] ?? "");
  console.log(JSON.stringify(await run(server, plan)));
}

/** Reads the inbox of a target to which nothing is published meanwhile. */
async function run(server: Server, plan: Plan): Promise<InboxResult> {
  const target = plan.targets;
  await fill(server, target);
  using publishers = await Publishers.open(server, plan);
  const start = performance.now();
  const publishing = publishers.publish({ stats: new DeliveryStats({ timed: 1 }), readers: [] });
  const latencies = await readUntil(publishing, { server, target });
  const { accepted } = await publishing;
  return { latencies, perSecond: 1_000 * accepted / (performance.now() - start) };
}

async function fill(server: Server, target: number): Promise<void> {
  using publisher = await HttpPublisher.open(server);
  const request = new PreparedRequest(server, Array.from({ length: PER_REQUEST }, () => target));
  for (let n = 0; n < KEPT; n += PER_REQUEST) await publisher.send(request);
}

/** Reads at random moments, because publishers send in bursts at regular ones. */
async function readUntil(
  end: Promise<unknown>,
  { server: { port }, target }: { server: Server; target: number },
): Promise<number[]> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  const responses = new ResponseReader(connection);
  const head = `GET /v1/inbox?target=t${target}&limit=50 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`;
  const request = new TextEncoder().encode(head);
  const latencies: number[] = [];
  let hasEnded = false;
  void end.finally(() => hasEnded = true);
  for (const start = performance.now(); !hasEnded; await delay(MAX_PAUSE_MS * Math.random())) {
    const sent = performance.now();
    await connection.write(request);
    const status = await responses.next();
    if (status !== 200) throw new Error(`the inbox was answered with ${status}`);
    if (sent - start > WARM_UP_MS) latencies.push(performance.now() - sent);
  }
  return latencies;
}
