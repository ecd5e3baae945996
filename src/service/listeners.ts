/** The listeners of a node: one for everyone, and one for operators if they have a port of their own. */

import type { Hono } from "hono";
import { within } from "../async/within.ts";
import type { Config } from "../config/config.ts";
import { type ObserveDeps, observeRequests } from "../http/observe_requests.ts";
import type { Apps } from "../http/routes/app.ts";
import type { ServiceAddress } from "./lifecycle.ts";
import { configError } from "./config_error.ts";
import { HttpListener } from "./listener.ts";

export interface ListenersDeps extends Apps, ObserveDeps {
  readonly config: Pick<Config, "host" | "port" | "admin" | "trustedProxies">;
  /** See {@linkcode HttpListener}. */
  readonly sharing: "first" | "others" | null;
  /** Called with the error when a server has ended or could not listen. */
  readonly report: (error: unknown) => void;
}

export class Listeners {
  readonly #main: HttpListener;
  readonly #admin: HttpListener | null;

  private constructor(main: HttpListener, admin: HttpListener | null) {
    this.#main = main;
    this.#admin = admin;
  }

  /** Rejects with a {@linkcode ConfigError} that names the variables if it cannot listen. */
  static async open({ config, app, admin, report, ...observers }: ListenersDeps): Promise<Listeners> {
    const main = listen(app, { ...config, ...observers, config, report, variables: "HOST, PORT" });
    try {
      if (admin === null || config.admin === null) return new Listeners(main, null);
      const variables = "TIDINGS_ADMIN_HOST, TIDINGS_ADMIN_PORT";
      return new Listeners(main, listen(admin, { ...config.admin, ...observers, config, report, variables }));
    } catch (error) {
      await main.shutdown();
      throw error;
    }
  }

  get main(): ServiceAddress {
    return addressOf(this.#main);
  }

  get admin(): ServiceAddress | null {
    return this.#admin === null ? null : addressOf(this.#admin);
  }

  /**
   * Stops listening, first where everyone connects, so that operators see the metrics of a node that waits. Resolves when
   * all connections are closed, or when the signal aborts.
   */
  async shutdown(deadline: { readonly signal: AbortSignal }): Promise<void> {
    await within(this.#main.shutdown(), deadline);
    if (this.#admin !== null) await within(this.#admin.shutdown(), deadline);
  }

  /** Cuts all connections, and listens again. See {@linkcode HttpListener.replace}. */
  async replace(options: { readonly maxMs: number }): Promise<void> {
    await Promise.all([this.#main.replace(options), this.#admin?.replace(options)]);
  }
}

function listen(
  app: Hono,
  { host, port, sharing, report, variables, ...observers }:
    & ServiceAddress
    & ObserveDeps
    & Pick<ListenersDeps, "report" | "sharing">
    & {
      readonly variables: string;
    },
): HttpListener {
  try {
    return new HttpListener({
      host,
      port,
      sharing,
      fetch: observeRequests(app, observers),
      report,
    });
  } catch (cause) {
    throw configError(`${variables}: cannot listen on ${host}, port ${port}`, cause);
  }
}

function addressOf({ addr: { hostname, port } }: HttpListener): ServiceAddress {
  return { host: hostname, port };
}
