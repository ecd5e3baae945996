/** Development mode, in which nobody needs a key or a token: when it is on, and what is missing to turn it off. */

import type { Environment } from "./environment.ts";

/** If one of them is set, every caller needs a key or a token. */
const SECRETS_OF_CALLERS = [
  "TIDINGS_PUBLISHER_KEYS",
  "TIDINGS_SCOPED_KEYS",
  "TIDINGS_TOKEN_SECRET",
  "TIDINGS_TOKEN_SECRETS_OLD",
  "TIDINGS_TOKEN_JWKS_URL",
] as const;

/** Half of the secrets would leave either publishing or connecting open to everyone, or closed to everyone. */
const REQUIRED = [
  ["TIDINGS_PUBLISHER_KEYS", "TIDINGS_SCOPED_KEYS"],
  ["TIDINGS_TOKEN_SECRET", "TIDINGS_TOKEN_JWKS_URL"],
] as const;

export function isDevelopment(env: Environment): boolean {
  return SECRETS_OF_CALLERS.every((name) => env[name] === undefined) && remoteAddress(env) === undefined;
}

/** Returns what is missing outside of development mode, with the reason first, as lines. Empty if nothing is. */
export function missingSecrets(env: Environment): string[] {
  const missing = REQUIRED.filter((names) => names.every((name) => env[name] === undefined));
  if (missing.length === 0) return [];
  const remote = remoteAddress(env);
  const reason = remote === undefined
    ? "Set both publisher keys and token verification, or neither for development mode."
    : `${remote} is ${env[remote]}, but development mode, without secrets, needs a loopback address.`;
  return [reason, ...missing.map((names) => `${names.join(" or ")}: not set`)];
}

/** The variable whose address other machines can reach. */
function remoteAddress(env: Environment): "HOST" | "TIDINGS_ADMIN_HOST" | undefined {
  return (["HOST", "TIDINGS_ADMIN_HOST"] as const).find((name) => !isLoopback(env[name] ?? env.HOST));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
