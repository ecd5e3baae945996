/** `deno task client`: writes the bundles that the service serves, and the package into `dist/client/`. */

import { bundleClient, SERVED_BUNDLES } from "./bundle.ts";
import { writePackage } from "./package.ts";

for (const [entry, file] of Object.entries(SERVED_BUNDLES)) {
  await Deno.writeTextFile(file, await bundleClient(entry));
}
await writePackage(new URL("../../../dist/client/", import.meta.url));
