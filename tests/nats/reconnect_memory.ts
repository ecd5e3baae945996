/** A program that loses its NATS server and prints the size of its heap after 10 and after 110 attempts to reconnect. */

import { NatsLink } from "../../src/nats/link.ts";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";

const url = parseNatsUrl(Deno.args[0] ?? "");
if (url === undefined) throw new TypeError("the first argument must be the URL of a server");
const link = await NatsLink.open(url, { name: "reconnects", retryMs: 4, requestMs: 1_000, report: () => {} });
console.log("connected");
const heap: number[] = [];
let attempts = 0;
for await (const { type } of link.connection.status()) {
  if (type !== "reconnecting") continue;
  attempts++;
  if (attempts !== 10 && attempts !== 110) continue;
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  heap.push(Deno.memoryUsage().heapUsed);
  if (heap.length === 2) break;
}
console.log(heap.join(" "));
Deno.exit();
