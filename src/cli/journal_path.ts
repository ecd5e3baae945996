/** The path of the SQLite journal that the variables configure. */

import { Environment } from "../config/environment.ts";
import type { Variables } from "./call/access.ts";
import { EXIT, Failure } from "./call/failure.ts";

const ELSEWHERE = {
  memory: "the journal is in memory, so there is nothing to back up or to restore",
  nats:
    "the journal is in NATS: back up and restore its streams with `nats stream backup` and `nats stream restore`",
} as const;

/** @throws {Failure} if the journal is not a file */
export function journalPath({ TIDINGS_JOURNAL = "" }: Variables): string {
  const { success, data } = Environment.shape.TIDINGS_JOURNAL.safeParse(TIDINGS_JOURNAL.trim() || undefined);
  if (!success) throw new Failure("TIDINGS_JOURNAL: the value is invalid", { exitCode: EXIT.usage });
  if (data.kind === "sqlite") return data.path;
  throw new Failure(`TIDINGS_JOURNAL: ${ELSEWHERE[data.kind]}`, { exitCode: EXIT.usage });
}
