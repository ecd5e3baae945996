/** One measurement: starts a server, puts a load on it, and returns the result. */

import { LOAD_CORE, type Pin } from "./cores.ts";
import type { Plan, Result, Secrets } from "./load/plan.ts";
import type { Peer } from "./peer.ts";
import { ServerProcess } from "./server_process.ts";

const LOAD = new URL("load/main.ts", import.meta.url).pathname;

export interface Measurement {
  readonly plan: Plan;
  readonly pin: Pin;
  readonly secrets?: Secrets | null;
}

export async function measure(peer: Peer, { plan, pin, secrets = null }: Measurement): Promise<Result> {
  await using process = await ServerProcess.start(peer, { pin, secrets });
  const task = JSON.stringify({ server: process.server, plan });
  const [program = "", ...args] = pin(LOAD_CORE, [Deno.execPath(), "run", "--allow-all", LOAD, task]);
  const load = await new Deno.Command(program, { args, stderr: "inherit" }).output();
  if (!load.success) throw new Error(`the load on ${peer.name} failed`);
  return JSON.parse(new TextDecoder().decode(load.stdout));
}
