/** The life of the process: announces the service, waits for a signal or a failure, and exits with the matching code. */

import { Channel } from "../async/channel.ts";
import { select } from "../async/select.ts";
import type { Config } from "../config/config.ts";
import { VERSION } from "../wire/version.ts";
import { log } from "./log.ts";

/** Where the service listens. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/** A service that has started. */
export interface RunningService extends ServiceAddress {
  /** Where metrics and the console are. Null: on the same port. */
  readonly admin: ServiceAddress | null;
  /** Receives the error of a part that must not fail. The service cannot continue after it. */
  readonly failures: Channel<unknown>;
  /**
   * Delivers what is queued, closes all connections, and resolves within the configured time. It waits for nobody any
   * more when the signal aborts.
   */
  stop(options?: { readonly hurry?: AbortSignal }): Promise<void>;
}

/** Ctrl-C reaches the process twice, from the terminal and from `deno task`, and that is one wish to stop. */
const SAME_KEY_MS = 200;
const MAX_HURRY_MS = 1_000;

/**
 * Exits with 0 when a signal has stopped the service, or with 1 when the service has failed. A second signal ends the
 * waiting for peers. If the journal is not closed a second after that, it exits with 130.
 */
export async function runUntilStopped(
  service: RunningService,
  { development, drainSeconds }: Pick<Config, "development" | "drainSeconds">,
): Promise<never> {
  const received = signals(); // first, because whoever reads the announcement may send one at once
  announce(service, { development });
  const end = await select({ signals: received, failures: service.failures });
  switch (end.from) {
    case "failures":
      log.fatal("the service has failed: {error}", { error: end.value });
      return Deno.exit(1);
    case "signals":
      log.info("received {signal}, stopping", { signal: end.value });
      setTimeout(() => Deno.exit(0), drainSeconds * 950); // in case a part hangs
      await service.stop({ hurry: hurryAtNext(received) });
      return Deno.exit(0);
    default:
      return end satisfies never;
  }
}

/** Returns a signal that aborts when the process receives another signal. */
function hurryAtNext(received: Channel<Deno.Signal>): AbortSignal {
  const hurry = new AbortController();
  void select({ received }).then(({ value: signal }) => {
    log.warn("received {signal} again, and no longer wait for anything", { signal });
    setTimeout(() => Deno.exit(130), MAX_HURRY_MS);
    hurry.abort();
  });
  return hurry.signal;
}

/**
 * Where the size of files is limited (`ulimit -f`), a signal ends a process that goes beyond the limit. With a handler,
 * the write fails as it does on a full disk.
 */
export function surviveFileSizeLimit(): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGXFSZ", () => {});
}

function announce(
  { admin, ...main }: RunningService,
  { development }: { readonly development: boolean },
): void {
  const url = urlOf(main);
  if (development) console.log(introduction(url));
  else log.info("Tidings {version} listens on {url}", { version: VERSION, url });
  if (admin !== null) log.info("metrics and the console are on {url}", { url: urlOf(admin) });
}

function introduction(url: string): string {
  return `Tidings ${VERSION} listens on ${url} in development mode: no key or token is required.

Open ${url} in a browser, and then try:

  curl -d '{"target":"alexander","data":{"title":"Hello, Alexander Hamilton!"}}' ${url}/v1/notify
`;
}

function urlOf({ host, port }: ServiceAddress): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function signals(): Channel<Deno.Signal> {
  const channel = new Channel<Deno.Signal>(1);
  let countsFrom = 0;
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      if (performance.now() < countsFrom) return;
      countsFrom = performance.now() + SAME_KEY_MS;
      channel.trySend(signal);
    });
  }
  return channel;
}
