/** Checks whether the memory suffices for what the configuration allows. */

import type { Config } from "../../config/config.ts";
import { findMemoryLimit } from "../../service/memory_limit.ts";
import type { CheckFinding } from "./check_finding.ts";

const MEBIBYTE = 1024 * 1024;
/** Measured; deploy/README.md, "Sizing", has the method. */
const BYTES_OF = { process: 100 * MEBIBYTE, connection: 30_000 };
/** Garbage, until V8 collects it. */
const GARBAGE = 1.5;
/** Above it, the node closes its connections. */
const USABLE = 0.9;

export function checkMemory(config: Config): CheckFinding {
  const limit = findMemoryLimit(config);
  const needed = neededBytes(config);
  if (limit === null) {
    return found(
      "warn",
      `there is no limit, so the service does not watch its memory; it may need ${mib(needed)}`,
    );
  }
  return limit * USABLE < needed
    ? found("warn", `the limit is ${mib(limit)}, and what the configuration allows may need ${mib(needed)}`)
    : found("ok", `the limit is ${mib(limit)}, and ${mib(needed)} may be needed`);
}

/** Without slow tabs and large requests. With NATS, nothing that is kept is in the memory of the node. */
function neededBytes({ journal, retention, maxConnections }: Config): number {
  const kept = journal.kind === "nats" ? 0 : retention.bytes * GARBAGE;
  return BYTES_OF.process + kept + maxConnections * BYTES_OF.connection;
}

function found(status: CheckFinding["status"], message: string): CheckFinding {
  return { status, check: "memory", message };
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)} MiB`;
}
