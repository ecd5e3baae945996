/** The workers of a node: starts further isolates, each of which serves connections on a thread of its own. */

import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import type { ServiceAddress } from "./lifecycle.ts";
import { serveCalls } from "../workers/port_calls.ts";

const ENTRY = new URL("worker.ts", import.meta.url);

export async function startWorkers(core: Core, backend: Backend, address: ServiceAddress): Promise<void> {
  const { config } = core, { ownerLink } = backend;
  if (ownerLink === null) return;
  for (let isolate = 1; isolate < config.workers; isolate++) {
    const worker = new Worker(ENTRY, { type: "module", name: `tidings-${isolate}` });
    const { port1, port2 } = new MessageChannel();
    const { journal } = backend;
    serveCalls(port1, {
      append: journal.append.bind(journal),
      read: journal.read.bind(journal),
      mark: journal.mark.bind(journal),
      inbox: journal.inbox.bind(journal),
      forget: journal.forget.bind(journal),
    }, core.report);
    const start = ownerLink.prepare(isolate);
    const ready = Promise.withResolvers<void>();
    worker.onerror = (e) => console.error(e.message);
    worker.onmessage = ({ data }) => {
      if (data.requests) ownerLink.connect(isolate, data.requests);
      if (data.listening) ready.resolve();
    };
    worker.postMessage({ config: { ...config, port: address.port }, start }, [port2]);
    await ready.promise;
  }
}
