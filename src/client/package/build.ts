/** `deno task client`: writes what the service serves, and, into `dist/client/`, what is published. */

import { stop } from "esbuild";
import { bundled, SERVED } from "./bundle.ts";

await Deno.writeTextFile(SERVED, await bundled("client.ts"));
await stop();
