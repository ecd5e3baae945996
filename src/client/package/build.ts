/** `deno task client`: writes the bundle that the service serves, and the package into `dist/client/`. */

import { bundleClient, SERVED_BUNDLE } from "./bundle.ts";
import { writePackage } from "./package.ts";

await Deno.writeTextFile(SERVED_BUNDLE, await bundleClient("client.ts"));
await writePackage(new URL("../../../dist/client/", import.meta.url));
