/** The entry point of the command line: `deno task tidings`, and `tidings` in the image. */

import process from "node:process";
import { run } from "./program.ts";

if (Deno.permissions.querySync({ name: "env" }).state !== "granted") {
  console.error("tidings: the process may not read its variables: add --allow-env.");
  Deno.exit(2);
}
const variables = Deno.env.toObject();
// As in main.ts: no dependency can read the variables, and those that look for some find none.
Deno.permissions.revokeSync({ name: "env" });
process.env = {};

Deno.exit(await run(Deno.args, variables));
