/** Checks whether the service can listen, or listens already. */

import type { Config } from "../../config/config.ts";
import { Liveness } from "../../reference/responses.ts";
import { accessFrom } from "../call/access.ts";
import { Failure } from "../call/failure.ts";
import { ServiceClient } from "../call/service_client.ts";
import { type CheckFinding, reasonOf } from "./check_finding.ts";

export interface PortState {
  readonly finding: CheckFinding;
  /** True if the service listens there already, so that it uses the journal too. */
  readonly isRunning: boolean;
}

/** @param check the name of the check */
export async function checkPort(
  { host, port }: Pick<Config, "host" | "port">,
  check = "port",
): Promise<PortState> {
  const place = `${host}, port ${port}`;
  const found = (status: CheckFinding["status"], message: string): CheckFinding => ({
    status,
    check,
    message,
  });
  try {
    Deno.listen({ hostname: host, port }).close();
    return {
      finding: found("ok", port === 0 ? "a free one will be used" : `${place} is free`),
      isRunning: false,
    };
  } catch (error) {
    const version = error instanceof Deno.errors.AddrInUse ? await versionAt({ host, port }) : null;
    if (version === null) {
      return { finding: found("fail", `cannot listen on ${place}: ${reasonOf(error)}`), isRunning: false };
    }
    return { finding: found("ok", `Tidings ${version} listens on ${place} already`), isRunning: true };
  }
}

/** Null if something else answers, or nothing. */
async function versionAt({ host, port }: Pick<Config, "host" | "port">): Promise<string | null> {
  try {
    const service = new ServiceClient(accessFrom({ HOST: host, PORT: `${port}` }));
    return (await service.call("/healthz", { answer: Liveness })).value.version;
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
