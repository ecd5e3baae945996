/** Bundles the SDK for browsers with esbuild. The service has no bundler: it serves the bundle that is checked in. */

import project from "../../../deno.json" with { type: "json" };
import { runTool } from "./run_tool.ts";

/** The file that the service serves as `/client.js`. A test fails if it is older than its sources. */
export const SERVED_BUNDLE: URL = new URL("../client.min.js", import.meta.url);

/** Older than the functions that the SDK calls: browsers have Promise.withResolvers and AbortSignal.any since 2024. */
const SYNTAX = "es2022";

/**
 * Bundles a module of `src/client/` and everything that it imports into one ES module.
 *
 * @param external the specifiers that stay imports
 * @returns the minified text
 */
export async function bundleClient(
  entry: string,
  { external = [] }: { external?: readonly string[] } = {},
): Promise<string> {
  return await bundle([
    new URL(`../${entry}`, import.meta.url).pathname,
    "--banner:js=/* Tidings. Made by `deno task client`. */",
    ...external.map((specifier) => `--external:${specifier}`),
    "--minify",
    `--target=${SYNTAX}`,
  ]);
}

/**
 * Bundles one ES module with the options of esbuild's command line. The command line leaves no process behind;
 * esbuild's API does, and Deno cannot see when that ends.
 */
export async function bundle(options: readonly string[]): Promise<string> {
  return await runTool(project.imports.esbuild, [...options, "--bundle", "--format=esm"]);
}
