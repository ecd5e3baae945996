/** Checks the variables, as the service reads them at its start. */

import { type Config, ConfigError, configFrom } from "../../config/config.ts";
import type { CheckFinding } from "./check_finding.ts";

const CHECK = "configuration";

/** The configuration is null if it is invalid. */
export function checkConfiguration(
  variables: Readonly<Record<string, string | undefined>>,
): { readonly config: Config | null; readonly findings: readonly CheckFinding[] } {
  try {
    const config = configFrom(variables);
    return { config, findings: [summary(config), ...config.warnings.map(warning)] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.message.split("\n");
    return { config: null, findings: lines.map((message) => ({ status: "fail", check: CHECK, message })) };
  }
}

function summary({ development, journal }: Config): CheckFinding {
  const message = development
    ? "valid, for development: everyone who can reach the port may publish and connect"
    : `valid, with the journal in ${PLACES[journal.kind]}`;
  return { status: development ? "warn" : "ok", check: CHECK, message };
}

const PLACES = { memory: "memory, which is lost at a restart", sqlite: "a file", nats: "NATS" } as const;

function warning(message: string): CheckFinding {
  return { status: "warn", check: CHECK, message };
}
