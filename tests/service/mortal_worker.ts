/** The entry of a worker that holds a lock until a test tells it how to end. */

import { holdLifeLock } from "../../src/service/life_lock.ts";

const orders = new BroadcastChannel("mortal worker");

orders.onmessage = async ({ data: { lock, end } }: MessageEvent<{ lock: string; end?: string }>) => {
  if (end === "throw") throw new Error("failed by a test");
  if (end === "exit") Deno.exit(1);
  if (end === "close") return self.close();
  await holdLifeLock(lock);
  orders.postMessage("held");
};
orders.postMessage("ready");
