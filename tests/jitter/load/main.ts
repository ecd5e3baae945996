/** The process of the load: its argument is the plan, and it prints what it has measured. */

import { run } from "./run.ts";

console.log(JSON.stringify(await run(JSON.parse(Deno.args[0] ?? ""))));
Deno.exit();
