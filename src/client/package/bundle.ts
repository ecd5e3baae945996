/** Bundles the SDK for browsers, with esbuild and terser. The service has no bundler: it serves the bundle that is checked in. */

import { minify } from "terser";
import project from "../../../deno.json" with { type: "json" };
import { runTool } from "./run_tool.ts";

/** The files that the service serves, by their entry points. A test fails if one is older than its sources. */
export const SERVED_BUNDLES: Readonly<Record<"client.ts" | "inbox.ts", URL>> = {
  "client.ts": new URL("../client.min.js", import.meta.url),
  "inbox.ts": new URL("../inbox.min.js", import.meta.url),
};

const BANNER = "/* Tidings. Made by `deno task client`. */";

/** The oldest engines that the guide of the SDK names. They have private methods, and the APIs that the SDK calls. */
const ENGINES = "chrome92,edge92,firefox105,safari15,node20";

/**
 * Names that only the SDK uses: callbacks, flags, and some members of its classes. No option, event or field of them is
 * named like that, nor what tabs of different versions say to each other. `onLine` is the browser's.
 */
const OWN_NAMES =
  "(on|is|has)[A-Z].*|active|address|check|checkTarget|closed|connectionId|deliver|dispatch|" +
  "ended|flush|minMs|ownOptions|ping|sharedName|stop|taken|waiting|watchdog";

/**
 * Bundles a module of `src/client/` and everything that it imports into one module.
 *
 * @param external the specifiers that stay imports
 * @param format an ES module, or CommonJS
 * @returns the minified text
 */
export async function bundleClient(
  entry: string,
  { external = [], format = "esm" }: { external?: readonly string[]; format?: "esm" | "cjs" } = {},
): Promise<string> {
  const text = await bundle([
    new URL(`../${entry}`, import.meta.url).pathname,
    ...external.map((specifier) => `--external:${specifier}`),
    "--minify",
    `--mangle-props=^(${OWN_NAMES})$`,
    "--reserve-props=^onLine$",
    `--target=${ENGINES}`,
    `--format=${format}`,
  ]);
  // terser gives the names that esbuild has shortened again, so that gzip finds more repetitions: 130 bytes fewer.
  const compress = { directives: false, hoist_funs: true, keep_fargs: false, lhs_constants: false }; // keeps "use client"
  const { code = "" } = await minify(text, {
    module: true,
    ecma: 2020,
    compress,
    format: { preamble: BANNER },
  });
  return `${code}\n`;
}

/**
 * Bundles one module, an ES module by default, with the options of esbuild's command line. The command line leaves no
 * process behind; esbuild's API does, and Deno cannot see when that ends.
 */
export async function bundle(options: readonly string[]): Promise<string> {
  return await runTool(project.imports.esbuild, ["--format=esm", ...options, "--bundle"]);
}
