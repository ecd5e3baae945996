/** Emits the type declarations of the package with the TypeScript compiler. */

import project from "../../../deno.json" with { type: "json" };
import { runTool } from "./run_tool.ts";

const MODULES = [
  ...["client", "inbox", "react", "tidings", "use_inbox"],
  ...["bell/bell", "bell/bell_texts", "push/push", "push/push_worker"],
  ...["publisher/publisher", "publisher/publishing"],
];

/**
 * Writes the `.d.ts` files of the public modules into a folder, and `.d.cts` files with the same for CommonJS. Every export has an explicit type, so each
 * module is compiled alone: nothing that it imports is read, and `deno check` has already checked the types.
 */
export async function writeDeclarations(folder: URL): Promise<void> {
  await runTool(`${project.imports.typescript}/tsc`, [
    ...MODULES.map((name) => new URL(`../${name}.ts`, import.meta.url).pathname),
    "--ignoreConfig",
    "--declaration",
    "--emitDeclarationOnly",
    "--isolatedDeclarations",
    "--noResolve",
    "--noCheck",
    "--allowImportingTsExtensions",
    "--target",
    "esnext",
    "--outDir",
    folder.pathname,
  ]);
  for (const path of MODULES) {
    const name = path.replace(/^.*\//, "");
    const text = forPackage(await Deno.readTextFile(new URL(`${path}.d.ts`, folder)));
    await Deno.writeTextFile(new URL(`${name}.d.ts`, folder), text);
    const forCommonJs = text.replaceAll(
      /"\.\/(\w+)\.(d\.ts|js)"/g,
      (_, name, extension) => `"./${name}.${extension === "js" ? "cjs" : "d.cts"}"`,
    );
    await Deno.writeTextFile(new URL(`${name}.d.cts`, folder), forCommonJs);
  }
  for (const room of ["bell/", "publisher/", "push/"]) {
    await Deno.remove(new URL(room, folder), { recursive: true }); // all lie in one folder now
  }
}

/** Makes imports name the declaration files, and examples name the package. */
function forPackage(text: string): string {
  return text
    .replaceAll(/^export \{(.*)"\.\/(\w+)\.ts"/gm, 'export {$1"./$2.js"')
    .replaceAll(/((?:import|export) type .*)"\.{1,2}\/(\w+)\.ts"/g, '$1"./$2.d.ts"')
    .replaceAll('"./client.ts"', '"@tidings/client"')
    .replaceAll('"./inbox.ts"', '"@tidings/client/inbox"')
    .replaceAll('"./publisher.ts"', '"@tidings/client/publisher"')
    .replaceAll('"./react.ts"', '"@tidings/client/react"')
    .replaceAll('"../client.ts"', '"@tidings/client"')
    .replaceAll('"./push.ts"', '"@tidings/client/push"');
}
