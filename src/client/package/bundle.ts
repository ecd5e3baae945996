/** Bundles the SDK for browsers, by esbuild. Neither the service nor its image has that: it serves what is checked in. */

import { build } from "esbuild";

const HERE = new URL("./", import.meta.url);

/** What `/client.js` is; it is as new as the sources if `deno task client` was run. A test compares. */
export const SERVED: URL = new URL("../client.min.js", HERE);

const BROWSERS = "es2022"; // and what it calls: Promise.withResolvers and AbortSignal.any are of 2024

/** The text of an entry of `src/client/` as one ES module. What it says of `external` stays an import. */
export async function bundled(
  entry: string,
  { external = [] }: { external?: string[] } = {},
): Promise<string> {
  const { outputFiles: [file] } = await build({
    absWorkingDir: new URL("../", HERE).pathname,
    entryPoints: [entry],
    banner: { js: "/* Tidings. Made by `deno task client`. */" },
    bundle: true,
    external,
    format: "esm",
    minify: true,
    target: BROWSERS,
    write: false,
  });
  return file?.text ?? "";
}
