/** A service in a process of its own that prints how many workers and shared memories it has made when it has stopped. */

import { configFrom } from "../../src/config/config.ts";

const made = { workers: 0, memories: 0 };
const { Worker, SharedArrayBuffer } = globalThis;

globalThis.Worker = new Proxy(Worker, {
  construct(target, parameters: ConstructorParameters<typeof Worker>) {
    made.workers++;
    return new target(...parameters);
  },
});
globalThis.SharedArrayBuffer = new Proxy(SharedArrayBuffer, {
  construct(target, parameters: ConstructorParameters<typeof SharedArrayBuffer>) {
    made.memories++;
    return new target(...parameters);
  },
});

const { serve } = await import("../../src/service/service.ts");
const [workers = ""] = Deno.args;
const service = await serve(configFrom({ PORT: "0", TIDINGS_JOURNAL: "memory:", TIDINGS_WORKERS: workers }));
const url = `http://127.0.0.1:${service.port}`;
const { status } = await fetch(`${url}/v1/notify`, {
  method: "POST",
  body: JSON.stringify({ target: "alexander", data: 1 }),
});
await service.stop();
console.log(JSON.stringify({ status, ...made }));
Deno.exit();
