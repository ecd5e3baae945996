/** The path of the SQLite journal that the variables configure. */

import { Environment } from "../config/environment.ts";
import type { Variables } from "./call/access.ts";
import { EXIT, Failure } from "./call/failure.ts";
import { secretText } from "./call/secret_text.ts";

const ELSEWHERE = {
  memory: "the journal is in memory, so there is nothing to back up or to restore",
  nats:
    "the journal is in NATS: back up and restore its streams with `nats stream backup` and `nats stream restore`",
} as const;

/** @throws {Failure} if the journal is not a file */
export function journalPath(variables: Variables): string {
  const given = secretText("TIDINGS_JOURNAL", variables), variable = given?.variable ?? "TIDINGS_JOURNAL";
  const { success, data } = Environment.shape.TIDINGS_JOURNAL.safeParse(given?.text);
  if (!success) throw new Failure(`${variable}: the value is invalid`, { exitCode: EXIT.usage });
  if (data.kind === "sqlite") return data.path;
  throw new Failure(`${variable}: ${ELSEWHERE[data.kind]}`, { exitCode: EXIT.usage });
}
