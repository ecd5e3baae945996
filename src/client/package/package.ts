/** Builds the package: one folder, ready for npm and JSR to publish. */

import { VERSION } from "../../wire/version.ts";
import { bundleClient, EXTERNAL } from "./bundle.ts";
import { writeDeclarations } from "./declarations.ts";

const FILES = new URL("files/", import.meta.url);
/** A module that only another module of the package imports. */
const INTERNAL = "tab_election";
const LICENSE = new URL("../../../LICENSE", import.meta.url);

/** Empties the folder and writes the package into it. */
export async function writePackage(folder: URL): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(folder, { recursive: true });
  await writeDeclarations(folder);
  for (const format of ["esm", "cjs"] as const) await writeModules(folder, format);
  for (const name of ["package.json", "jsr.json"]) await writeManifest(name, folder);
  await Deno.copyFile(new URL("README.md", FILES), new URL("README.md", folder));
  await Deno.copyFile(LICENSE, new URL("LICENSE", folder));
}

/** Writes all modules, as ES modules or as CommonJS, which many test runners still load. */
async function writeModules(folder: URL, format: "esm" | "cjs"): Promise<void> {
  const [code, types] = format === "esm" ? ["js", "ts"] : ["cjs", "cts"];
  for (const entry of Object.keys(EXTERNAL)) {
    const name = entry.replace(/^.*\/|\.ts$/g, "");
    const module = await bundleClient(entry, format);
    const text = name === INTERNAL ? module : withTypes(`${name}.d.${types}`, module);
    await Deno.writeTextFile(new URL(`${name}.${code}`, folder), text);
  }
}

/** Names the types in the module, because JSR and Deno do not look for a `.d.ts` file next to it. */
function withTypes(declarations: string, text: string): string {
  return `/* @ts-self-types="./${declarations}" */\n${text}`;
}

/** Adds the version to a manifest. */
async function writeManifest(name: string, folder: URL): Promise<void> {
  const manifest = JSON.parse(await Deno.readTextFile(new URL(name, FILES)));
  const text = JSON.stringify({ ...manifest, version: VERSION }, null, 2);
  await Deno.writeTextFile(new URL(name, folder), `${text}\n`);
}
