/** `deno task client`: writes what the service serves, and, into `dist/client/`, what is published. */

import { bundled, SERVED } from "./bundle.ts";
import { packageInto } from "./package.ts";

await Deno.writeTextFile(SERVED, await bundled("client.ts"));
await packageInto(new URL("../../../dist/client/", import.meta.url));
