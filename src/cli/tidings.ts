/** The entry point of the command line: `deno task tidings`, and `tidings` in the image. */

import { run } from "./program.ts";

Deno.exit(await run(Deno.args, Deno.env.toObject()));
