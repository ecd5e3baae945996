/** The process of a service: what it says when the service has started, what ends it, and with which exit code. */

import { Channel } from "../async/channel.ts";
import { select } from "../async/select.ts";
import type { Config } from "../config/config.ts";
import { log } from "./log.ts";

/** A service that has started. */
export interface RunningService {
  readonly host: string;
  readonly port: number;
  /** What ended a part that should not end: the service is of no use any more. */
  readonly failures: Channel<unknown>;
  /** Delivers what is queued, sends the browsers away, and ends; after the configured time in any case. */
  stop(): Promise<void>;
}

/** Ends the process: with 0 after a signal, when the service has stopped, or with 1 when the service has failed. */
export async function runToEnd(
  service: RunningService,
  { development, drainSeconds }: Pick<Config, "development" | "drainSeconds">,
): Promise<never> {
  announce(service, development);
  const end = await select({ signals: signals(), failures: service.failures });
  switch (end.from) {
    case "failures":
      log.fatal("failed: {error}", { error: end.value });
      return Deno.exit(1);
    case "signals":
      log.info("{signal}: stopping", { signal: end.value });
      setTimeout(() => Deno.exit(0), drainSeconds * 950); // whatever may hang
      await service.stop();
      return Deno.exit(0);
    default:
      return end satisfies never;
  }
}

function announce({ host, port }: RunningService, development: boolean): void {
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (!development) return log.info("listening on {url}", { url });
  console.log(`Tidings, in development mode: whoever reaches ${url} may publish and connect.

Open ${url} in a browser, and then try:

  curl -d '{"target":"alexander","data":{"title":"Hello, Alexander Hamilton!"}}' ${url}/v1/notify
`);
}

function signals(): Channel<Deno.Signal> {
  const channel = new Channel<Deno.Signal>(1);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => channel.trySend(signal));
  }
  return channel;
}
