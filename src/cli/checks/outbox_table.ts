/** Checks whether PostgreSQL can be reached and has the outbox table, and reads its clock. */

import { LIMITS } from "../../config/limits.ts";
import { PostgresLink } from "../../postgres/link.ts";
import type { PostgresServer, PostgresUrl } from "../../postgres/postgres_url.ts";
import { requireOutboxTable } from "../../sources/outbox/table.ts";
import { reasonOf } from "./check_finding.ts";
import type { ClockReading } from "./clock.ts";
import type { ServerState } from "./web_servers.ts";

const CHECK = "outbox";

/** One of the servers has to work, as for the service. */
export async function checkOutboxTable(url: PostgresUrl): Promise<ServerState> {
  const failures: string[] = [];
  for (const server of url.servers) {
    try {
      const reading = await readServer(url, server);
      const message = `PostgreSQL at ${nameOf(server)} has the table, and its rights`;
      return { findings: [{ status: "ok", check: CHECK, message }], readings: [reading] };
    } catch (error) {
      failures.push(`PostgreSQL at ${nameOf(server)}: ${reasonOf(error)}`);
    }
  }
  return {
    findings: failures.map((message) => ({ status: "fail", check: CHECK, message })),
    readings: [],
  };
}

async function readServer(url: PostgresUrl, server: PostgresServer): Promise<ClockReading> {
  await using link = await PostgresLink.open(url, {
    server,
    requestMs: LIMITS.requestMs,
    signal: AbortSignal.timeout(LIMITS.requestMs),
    onNotify: () => {},
  });
  await requireOutboxTable(link);
  const asked = Date.now();
  const [row] = await link.query("select extract(epoch from clock_timestamp()) * 1000 as ms");
  return { server: "PostgreSQL", asked, answered: Date.now(), time: Number(row?.ms), precisionMs: 1 };
}

function nameOf({ host, port }: PostgresServer): string {
  return `${host}:${port}`;
}
