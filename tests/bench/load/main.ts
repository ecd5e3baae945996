/** The process of the load: its argument is a server and a plan, and it prints the result. */

import type { Plan, Server } from "./plan.ts";
import { run } from "./run.ts";

const { server, plan }: { server: Server; plan: Plan } = JSON.parse(Deno.args[0] ?? "");
console.log(JSON.stringify(await run(server, plan)));
Deno.exit(0); // exits without closing ten thousand connections
