/** A process that loses its NATS server, tries in vain to reach it, and prints what that costs: heap after 10 and 110 times. */

import { NatsLink } from "../../src/nats/link.ts";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";

const place = parseNatsUrl(Deno.args[0] ?? "");
if (place === undefined) throw new TypeError("the URL of a server is needed");
const link = await NatsLink.open(place, { name: "dialling", retryMs: 4, requestMs: 1_000, report: () => {} });
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
