/** One measurement: starts a contestant's server, has a load play the scenario with it, and returns the result. */

import { LOAD_CORE, type Pin } from "../bench/cores.ts";
import { ServerProcess } from "../bench/server_process.ts";
import type { Contestant } from "./contestants.ts";
import type { Measured, Plan } from "./load/plan.ts";
import type { Scenario } from "./scenario.ts";

const LOAD = new URL("load/main.ts", import.meta.url).pathname;

/** How long nothing has to arrive until what is missing counts as lost, if the server resumes and if it does not. */
const QUIET_MS = { resumes: 10_000, forgets: 500 };

export async function measure(
  { name, title, server, resumes }: Contestant,
  { scenario, pin }: { scenario: Scenario; pin: Pin },
): Promise<Measured> {
  await using process = await ServerProcess.start(server, { pin, secrets: null });
  const { port, pid, notify } = process.server, quietMs = resumes ? QUIET_MS.resumes : QUIET_MS.forgets;
  const plan: Plan = { scenario, language: name, port, pid, notify, quietMs };
  const command = [Deno.execPath(), "run", "--allow-all", LOAD, JSON.stringify(plan)];
  const [program = "", ...args] = pin(LOAD_CORE, command);
  const load = await new Deno.Command(program, { args, stderr: "inherit" }).output();
  if (!load.success) throw new Error(`the load on ${title} failed`);
  return JSON.parse(new TextDecoder().decode(load.stdout));
}
