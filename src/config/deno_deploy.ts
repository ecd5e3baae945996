/** Deno Deploy: how it is recognized, the defaults that fit it, and the variables that it has no use for. */

import type { Environment } from "./environment.ts";
import { fileVariable } from "./secret_files.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** It ends a process five seconds after the signal. */
const MAX_DRAIN_SECONDS = 4;

/** Requests come from outside of the sandbox that the process runs in. */
const DEFAULTS = { HOST: "0.0.0.0", TIDINGS_DRAIN_SECONDS: `${MAX_DRAIN_SECONDS}` };

/** The platform sets the variable, and lets nobody else set one that begins like this. */
export function isDenoDeploy(environment: Variables): boolean {
  return isSet(environment.DENO_DEPLOY);
}

/** Replaces defaults. What is set stays as it is. */
export function withDefaultsOfDenoDeploy(environment: Variables): Variables {
  const own = Object.entries(environment).filter(([, value]) => isSet(value));
  return { ...DEFAULTS, ...Object.fromEntries(own) };
}

/**
 * Returns what cannot work there, a line each: instances have a disk, but each has its own, which it loses when it ends.
 *
 * @param secrets the names of the variables that may come from files
 */
export function faultsOnDenoDeploy(environment: Variables, secrets: readonly string[]): string[] {
  const files = secrets.filter((name) => isSet(environment[fileVariable(name)])).map((name) =>
    `${
      fileVariable(name)
    }: Deno Deploy mounts no secrets as files: set ${name}, and mark it as a secret there`
  );
  const port = isSet(environment.TIDINGS_ADMIN_PORT)
    ? ["TIDINGS_ADMIN_PORT: on Deno Deploy, requests reach only one port"]
    : [];
  const workers = ["", "1"].includes(environment.TIDINGS_WORKERS?.trim() ?? "") ? [] : [ONE_CORE];
  const journal = environment.TIDINGS_JOURNAL?.trim() || "sqlite:";
  const isFile = /^sqlite:/.test(journal) && !isSet(environment.TIDINGS_JOURNAL_FILE);
  return [...files, ...port, ...workers, ...isFile ? [NO_SQLITE] : []];
}

const ONE_CORE = "TIDINGS_WORKERS: must be 1 on Deno Deploy, which runs more instances instead";

const NO_SQLITE =
  "TIDINGS_JOURNAL: Deno Deploy keeps no files, so it cannot be sqlite:, which is the default: set nats://HOST:PORT, " +
  "or memory: to try a single instance";

/** Returns what works there worse than somebody might expect, a sentence each. Elsewhere, there is nothing. */
export function platformWarnings(environment: Variables, env: Environment): string[] {
  if (!isDenoDeploy(environment)) return [];
  const drain = env.TIDINGS_DRAIN_SECONDS > MAX_DRAIN_SECONDS
    ? ["TIDINGS_DRAIN_SECONDS: Deno Deploy ends the process 5 seconds after the signal, so set 4 at most"]
    : [];
  return env.TIDINGS_JOURNAL.kind === "memory" ? [...drain, ALONE] : drain;
}

const ALONE =
  "TIDINGS_JOURNAL: with memory:, notifications reach only the tabs of the instance that received them, and are lost " +
  "when Deno Deploy stops it";

function isSet(value = ""): boolean {
  return value.trim() !== "";
}
