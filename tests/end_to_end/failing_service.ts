/** A service of two isolates in a process of its own, one of which fails as the argument says: `owner`, or a `WorkerEnd`. */

import { configFrom } from "../../src/config/config.ts";
import { runUntilStopped } from "../../src/service/lifecycle.ts";
import { serve } from "../../src/service/service.ts";

const ENTRY = new URL("failing_worker.ts", import.meta.url);
const [end] = Deno.args;

const config = configFrom({ PORT: "0", TIDINGS_WORKERS: "2", TIDINGS_JOURNAL: "memory:" });
const service = await serve(config, { spawn: (name) => new Worker(ENTRY, { type: "module", name }) });
setTimeout(() => {
  if (end === "owner") throw new Error("failed by a test");
  new BroadcastChannel("fail").postMessage(end);
});
await runUntilStopped(service, config);
