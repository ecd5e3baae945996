/** Packages the SDK: one folder that npm and JSR publish as it is. */

import { bundled } from "./bundle.ts";
import { declarationsOf } from "./declarations.ts";

/** Where TypeScript looks for `Disposable`; only its newest standard has it. */
const LIBRARY = '/// <reference lib="esnext.disposable" />\n\n';
const HERE = new URL("./", import.meta.url);
const ROOT = new URL("../../../", HERE);

/** Writes it into the folder, which is emptied before. */
export async function packageInto(folder: URL): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(folder, { recursive: true });
  const write = (name: string, text: string) => Deno.writeTextFile(new URL(name, folder), text);
  const [tidings, client, react] = await Promise.all(
    ["tidings.ts", "client.ts", "react.ts"].map((name) => Deno.readTextFile(new URL(`../${name}`, HERE))),
  );
  await write("client.d.ts", LIBRARY + declarationsOf(`${tidings}\n${client}`));
  await write("react.d.ts", imports(react ?? "") + declarationsOf(react ?? ""));
  await write("client.js", typedBy("client.d.ts", await bundled("client.ts")));
  const hook = await bundled("react.ts", { external: ["react", "./client.ts"] });
  await write("react.js", typedBy("react.d.ts", hook.replace("./client.ts", "./client.js")));
  for (const name of ["package.json", "jsr.json", "README.md"]) {
    await Deno.copyFile(new URL(`files/${name}`, HERE), new URL(name, folder));
  }
  await Deno.copyFile(new URL("LICENSE", ROOT), new URL("LICENSE", folder));
}

/** For JSR and Deno, which do not look beside a module for its types. */
function typedBy(declarations: string, text: string): string {
  return `/* @ts-self-types="./${declarations}" */\n${text}`;
}

function imports(source: string): string {
  const types = /import type (\{[^}]*\}) from "\.\/tidings\.ts"/.exec(source)?.[1];
  return `import type ${types} from "./client.js";\n\n`;
}
