/** Makes all checks that the configuration asks for. */

import type { Config } from "../../config/config.ts";
import { checkClock } from "./clock.ts";
import { checkConfiguration } from "./configuration.ts";
import type { CheckFinding } from "./check_finding.ts";
import { checkJournalFile } from "./journal_file.ts";
import { checkMemory } from "./memory.ts";
import { checkOpenFiles } from "./open_files.ts";
import { checkPort } from "./port.ts";
import { checkWebServers, type ServerState } from "./web_servers.ts";

/** An invalid configuration is all that can be found. */
export async function checkAll(
  variables: Readonly<Record<string, string | undefined>>,
): Promise<readonly CheckFinding[]> {
  const { config, findings } = checkConfiguration(variables);
  return config === null ? findings : [...findings, ...await checkMachine(config)];
}

async function checkMachine(config: Config): Promise<readonly CheckFinding[]> {
  const { journal, development, admin } = config;
  const port = await checkPort(config);
  const servers = [checkWebServers(config), checkNatsServers(config), checkDatabase(config)];
  const states = (await Promise.all(servers)).flat();
  return [
    port.finding,
    ...admin === null ? [] : [(await checkPort(admin, "admin port")).finding],
    ...journal.kind === "sqlite" ? checkJournalFile(journal.path, port) : [],
    ...states.flatMap(({ findings }) => findings),
    ...checkClock(states.flatMap(({ readings }) => readings)),
    checkOpenFiles(config, { isStrict: !development }),
    checkMemory(config),
  ];
}

/** Loads the code of NATS only if it is configured, as the service does. */
async function checkNatsServers({ journal, queue }: Config): Promise<readonly ServerState[]> {
  if (journal.kind !== "nats" && queue === null) return [];
  const { checkNats } = await import("./nats_server.ts");
  return await Promise.all([
    ...journal.kind === "nats" ? [checkNats(journal, "journal")] : [],
    ...queue === null ? [] : [checkNats(queue, "queue")],
  ]);
}

/** Likewise for PostgreSQL. */
async function checkDatabase({ outboxTable }: Config): Promise<readonly ServerState[]> {
  if (outboxTable === null) return [];
  const { checkOutboxTable } = await import("./outbox_table.ts");
  return [await checkOutboxTable(outboxTable)];
}
