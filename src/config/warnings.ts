/** What is valid and should be changed, as sentences for the log. */

import type { Environment } from "./environment.ts";
import { SHORT_KEY_LENGTH } from "./secrets.ts";
import { trustsEveryone } from "./trusted_proxies.ts";

const CANNOT_LIST = "misspelled names of variables cannot be detected: that needs --allow-env without a list";

export function warningsOf(env: Environment, { isComplete }: { isComplete: boolean }): readonly string[] {
  return [...isComplete ? [] : [CANNOT_LIST], ...shortKeys(env), ...trustedByAll(env)];
}

function shortKeys(env: Environment): string[] {
  const warning = `the key has fewer than ${SHORT_KEY_LENGTH} characters and can be guessed`;
  return (["TIDINGS_PUBLISHER_KEYS", "TIDINGS_SCOPED_KEYS"] as const).flatMap((name) =>
    (env[name] ?? []).flatMap(({ isShort }, index) =>
      isShort ? [`${name}, item ${index + 1}: ${warning}`] : []
    )
  );
}

function trustedByAll({ TIDINGS_TRUSTED_PROXIES: networks = [] }: Environment): string[] {
  if (!networks.some(trustsEveryone)) return [];
  return ["TIDINGS_TRUSTED_PROXIES: a network has all addresses, so clients can choose which of them counts"];
}
