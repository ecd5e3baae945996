/** Bundles the SDK for browsers with esbuild. The service has no bundler: it serves the bundle that is checked in. */

import project from "../../../deno.json" with { type: "json" };
import { runTool } from "./run_tool.ts";

/** The file that the service serves as `/client.js`. A test fails if it is older than its sources. */
export const SERVED_BUNDLE: URL = new URL("../client.min.js", import.meta.url);

/** The oldest engines that the guide of the SDK names. They have private methods, and the APIs that the SDK calls. */
const ENGINES = "chrome92,edge92,firefox105,safari15,node20";

/** Callbacks and flags are the SDK's own: no option, field or event is named like them. `onLine` is the browser's. */
const OWN_PROPERTIES = ["--mangle-props=^(on|is|has)[A-Z]", "--reserve-props=^onLine$"];

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
  return await bundle([
    new URL(`../${entry}`, import.meta.url).pathname,
    "--banner:js=/* Tidings. Made by `deno task client`. */",
    ...external.map((specifier) => `--external:${specifier}`),
    "--minify",
    ...OWN_PROPERTIES,
    `--target=${ENGINES}`,
    `--format=${format}`,
  ]);
}

/**
 * Bundles one module, an ES module by default, with the options of esbuild's command line. The command line leaves no
 * process behind; esbuild's API does, and Deno cannot see when that ends.
 */
export async function bundle(options: readonly string[]): Promise<string> {
  return await runTool(project.imports.esbuild, ["--format=esm", ...options, "--bundle"]);
}
