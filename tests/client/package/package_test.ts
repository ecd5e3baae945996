/** The package: what npm and JSR would publish can be used, with its types. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { packageInto } from "../../../src/client/package/package.ts";

const USE = `
import { connect, type TidingsNotification } from "./client.js";
import { useNotifications } from "./react.js";

interface Greeting { readonly title: string }

export async function use(): Promise<void> {
  using tidings = connect<Greeting>("https://push.example.com", { token: async () => "t", share: true });
  tidings.addEventListener("notification", ({ detail }) => void detail.data.title.toUpperCase());
  tidings.addEventListener("missed", ({ detail: { why } }) => why satisfies "expired" | "slow" | "unread");
  // @ts-expect-error: it is typed
  tidings.addEventListener("notification", ({ detail }) => void detail.data.body);
  for await (const { data } of tidings.notifications()) data.title satisfies string;
  const latest: TidingsNotification<Greeting> | undefined = useNotifications<Greeting>("/").notifications[0];
  // @ts-expect-error: there is no such option
  connect("/", { tokens: latest });
}`;

/** The package, in a folder of its own. */
async function packaged(): Promise<{ folder: URL } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "tidings-client-" });
  const folder = new URL(`file://${path}/`);
  await packageInto(folder);
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function run(command: string, args: string[], cwd: URL): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("The package has types that fit its code, and its examples import it by its name", async () => {
  await using it = await packaged();
  await Deno.writeTextFile(new URL("use.ts", it.folder), USE);
  const compilerOptions = { lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable"] }; // and no more, as many have
  await Deno.writeTextFile(new URL("es2022.json", it.folder), JSON.stringify({ compilerOptions }));
  const { code, output } = await run(
    Deno.execPath(),
    ["check", "--no-lock", "--config=es2022.json", "use.ts"],
    it.folder,
  );
  assertEquals(code, 0, output);
  for (const name of ["client.d.ts", "react.d.ts"]) {
    const text = await Deno.readTextFile(new URL(name, it.folder));
    assert(!/\.ts"/.test(text), `${name} names a file that is not there`);
    assertStringIncludes(text, '"@tidings/client');
  }
});

Deno.test("The package exports what its manifests say, and they agree", async () => {
  await using it = await packaged();
  const [npm, jsr] = await Promise.all(
    ["package.json", "jsr.json"].map(async (name) =>
      JSON.parse(await Deno.readTextFile(new URL(name, it.folder)))
    ),
  );
  assertEquals([npm.name, npm.version, npm.license], [jsr.name, jsr.version, jsr.license]);
  for (const [entry, { types, default: code }] of Object.entries<Record<string, string>>(npm.exports)) {
    assertEquals(jsr.exports[entry], code);
    const text = await Deno.readTextFile(new URL(code ?? "", it.folder));
    assertStringIncludes(text, `@ts-self-types="${types}"`);
  }
  assertEquals(Object.keys(await import(new URL("client.js", it.folder).href)), ["connect"]);
  assertEquals(npm.dependencies, undefined);
});

Deno.test({
  name: "The package is what npm packs",
  ignore: !await hasNpm(),
  async fn() {
    await using it = await packaged();
    const { code, output } = await run("npm", ["pack", "--dry-run", "--json"], it.folder);
    assertEquals(code, 0, output);
    const files = [...output.matchAll(/"path": "([^"]+)"/g)].map(([, path]) => path);
    assertEquals(files.toSorted(), [
      "LICENSE",
      "README.md",
      "client.d.ts",
      "client.js",
      "package.json",
      "react.d.ts",
      "react.js",
    ]);
  },
});

async function hasNpm(): Promise<boolean> {
  try {
    return (await new Deno.Command("npm", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("That the package can be packed is not tested: there is no npm.");
    return false;
  }
}
