/** Bundles the SDK for browsers, by esbuild. Neither the service nor its image has that: it serves what is checked in. */

import project from "../../../deno.json" with { type: "json" };

const HERE = new URL("./", import.meta.url);

/** What `/client.js` is; it is as new as the sources if `deno task client` was run. A test compares. */
export const SERVED: URL = new URL("../client.min.js", HERE);

const BROWSERS = "es2022"; // and what it calls: Promise.withResolvers and AbortSignal.any are of 2024

/** The text of an entry of `src/client/` as one ES module. What it says of `external` stays an import. */
export async function bundled(
  entry: string,
  { external = [] }: { external?: string[] } = {},
): Promise<string> {
  return await built([
    new URL(`../${entry}`, HERE).pathname,
    "--banner:js=/* Tidings. Made by `deno task client`. */",
    ...external.map((one) => `--external:${one}`),
    "--minify",
    `--target=${BROWSERS}`,
  ]);
}

/** One ES module, as esbuild is told. That has ended by then: of its API, a process stays whose end shows to nobody. */
export async function built(options: readonly string[]): Promise<string> {
  const args = ["run", "--allow-all", project.imports.esbuild, ...options, "--bundle", "--format=esm"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  return decoder.decode(stdout);
}
