/** The address of the port for operators. */

import { ConfigError } from "./config_error.ts";
import type { Environment } from "./environment.ts";

/**
 * Null if operators have no port of their own. The numbers of both ports must differ even if the addresses do, so that
 * the number alone tells what a port serves.
 */
export function adminAddress(env: Environment): { readonly host: string; readonly port: number } | null {
  const { PORT, TIDINGS_ADMIN_PORT: port, TIDINGS_ADMIN_HOST: host } = env;
  if (port === undefined && host === undefined) return null;
  if (port === undefined) throw new ConfigError("TIDINGS_ADMIN_PORT: required with TIDINGS_ADMIN_HOST");
  if (port === PORT && port !== 0) {
    throw new ConfigError("TIDINGS_ADMIN_PORT: expected another port than PORT");
  }
  return { host: host ?? env.HOST, port };
}
