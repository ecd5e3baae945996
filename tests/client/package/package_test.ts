/** The package that npm and JSR would publish: it can be used, with its types. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { writePackage } from "../../../src/client/package/package.ts";
import { runTool } from "../../../src/client/package/run_tool.ts";
import { VERSION } from "../../../src/wire/version.ts";
import project from "../../../deno.json" with { type: "json" };

const EXAMPLE = `
import { connect, type TidingsNotification } from "./client.js";
import { type TidingsInbox, inbox } from "./inbox.js";
import { type BellTexts, TidingsInboxElement } from "./bell.js";
import { type PublishedNotification, type PublishError, publisher } from "./publisher.js";
import { disablePush, enablePush, type PushState, pushState, resumePush } from "./push.js";
import "./push_worker.js";
import { useInbox, useNotifications } from "./react.js";

interface Greeting { readonly title: string }

export async function example(): Promise<void> {
  const tidings = connect<Greeting>("https://push.example.com", { token: async () => "t", share: true });
  tidings.addEventListener("notification", ({ detail }) => void detail.data.title.toUpperCase());
  tidings.addEventListener("missed", ({ detail: { why } }) => why satisfies "expired" | "slow" | "unread");
  // @ts-expect-error: it is typed
  tidings.addEventListener("notification", ({ detail }) => void detail.data.body);
  for await (const { data } of tidings.notifications()) data.title satisfies string;
  const latest: TidingsNotification<Greeting> | undefined = useNotifications<Greeting>("/").notifications[0];
  const box: TidingsInbox<Greeting> = inbox(tidings, { badge: false });
  box.addEventListener("change", () => void box.items[0]?.data.title.toUpperCase());
  box.read(...box.items);
  useInbox(tidings).items satisfies TidingsInbox<Greeting>["items"];
  const bell = new TidingsInboxElement();
  const texts: Partial<BellTexts> = { title: "Nachrichten" };
  Object.assign(bell, { texts, tidings });
  bell.token = () => "t";
  bell.inbox = inbox(tidings);
  bell.inbox.items[0]?.read satisfies boolean | undefined;
  const serviceWorker = "/service_worker.js";
  const state: PushState = await resumePush(tidings, { serviceWorker });
  if (state === "off") await enablePush(tidings, { serviceWorker: await navigator.serviceWorker.ready });
  if (await pushState({ serviceWorker }) === "on") await disablePush(tidings, { serviceWorker });
  const sender = publisher("https://push.example.com", { key: "k", retrying: (reason, ms) => console.log(reason, ms) });
  const one: PublishedNotification = await sender.notify({ target: "a", data: 1, at: new Date() });
  await sender.notify({ everyone: true, data: one.id }).catch(({ status, errors }: PublishError) => [status, errors[0]?.path]);
  (await sender.notify({ targets: ["a"], data: 1 })).notifications[0]?.target satisfies string | null | undefined;
  (await sender.notify([{ target: "a", data: 1 }, { targets: ["b"], data: 2 }])).notifications.length satisfies number;
  // @ts-expect-error: it has no target
  await sender.notify({ data: 1 });
  // @ts-expect-error: there is no such option
  connect("/", { tokens: latest });
}`;

/** `using` needs the newest library of types. */
const USING = `
import { connect } from "./client.js";

export async function example(): Promise<void> {
  using first = connect("/");
  await using second = connect("/");
  first.state satisfies string;
  second.state satisfies string;
}`;

/** Builds the package in a folder of its own. */
async function build(): Promise<{ folder: URL } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "tidings-client-" });
  const folder = new URL(`file://${path}/`);
  await writePackage(folder);
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function run(command: string, args: string[], cwd: URL): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("The package has types that fit its code, and examples that import it by its name", async () => {
  await using built = await build();
  await Deno.writeTextFile(new URL("example.ts", built.folder), EXAMPLE);
  const compilerOptions = { lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable"] }; // as in many projects
  await Deno.writeTextFile(new URL("es2022.json", built.folder), JSON.stringify({ compilerOptions }));
  const { code, output } = await run(
    Deno.execPath(),
    ["check", "--no-lock", "--config=es2022.json", "example.ts"],
    built.folder,
  );
  assertEquals(code, 0, output);
  for (
    const name of [
      "client.d.ts",
      "inbox.d.ts",
      "bell.d.ts",
      "publisher.d.ts",
      "push.d.ts",
      "react.d.ts",
      "use_inbox.d.ts",
    ]
  ) {
    const text = await Deno.readTextFile(new URL(name, built.folder));
    assert(!/(?<!\.d)\.ts"/.test(text), `${name} imports a file that is not in the package`);
    if (name !== "bell.d.ts") assertStringIncludes(text, '"@tidings/client'); // it has no example
  }
});

Deno.test("The package has types that tsc accepts, as a bundler and as Node resolve them", async () => {
  await using built = await build();
  const files = {
    "es2022": new URL("example.ts", built.folder),
    "esnext": new URL("using.ts", built.folder),
  };
  await Deno.writeTextFile(files.es2022, EXAMPLE);
  await Deno.writeTextFile(files.esnext, USING);
  for (const [library, file] of Object.entries(files)) {
    for (const [module, moduleResolution] of [["esnext", "bundler"], ["nodenext", "nodenext"]]) {
      const resolution = ["--module", `${module}`, "--moduleResolution", `${moduleResolution}`];
      const lib = ["--lib", `${library},dom,dom.iterable,dom.asynciterable`];
      const options = ["--ignoreConfig", "--noEmit", "--strict", "--target", "es2022", ...lib, ...resolution];
      await runTool(`${project.imports.typescript}/tsc`, [...options, file.pathname]);
    }
  }
});

Deno.test("The package exports what its manifests name, and they agree on the version", async () => {
  await using built = await build();
  const [npm, jsr] = await Promise.all(
    ["package.json", "jsr.json"].map(async (name) =>
      JSON.parse(await Deno.readTextFile(new URL(name, built.folder)))
    ),
  );
  assertEquals([npm.name, npm.version, npm.license], [jsr.name, jsr.version, jsr.license]);
  assertEquals(npm.version, VERSION);
  for (const [entry, code] of Object.entries<string>(jsr.exports)) {
    const { import: module, require } = npm.exports[entry];
    assertEquals(module.default, code);
    for (const { types, default: code } of [module, require]) {
      await Deno.stat(new URL(types, built.folder));
      const text = await Deno.readTextFile(new URL(code, built.folder));
      assertStringIncludes(text, `@ts-self-types="${types}"`);
      const directives = text.replace(/^(\/\*.*?\*\/\n)+/, "").split(";", 1);
      if (entry === "./react") assertEquals(directives, ['"use client"']); // Next.js asks for it
    }
  }
  for (const path of [npm.main, npm.module, npm.types]) await Deno.stat(new URL(path, built.folder));
  assertEquals(Object.keys(await import(new URL("client.js", built.folder).href)), ["connect"]);
  assertEquals(Object.keys(await import(new URL("inbox.js", built.folder).href)), ["inbox"]);
  assertEquals(Object.keys(await import(new URL("bell.js", built.folder).href)), ["TidingsInboxElement"]);
  assertEquals(Object.keys(await import(new URL("publisher.js", built.folder).href)), ["publisher"]);
  const push = Object.keys(await import(new URL("push.js", built.folder).href));
  assertEquals(push, ["disablePush", "enablePush", "pushState", "resumePush"]);
  const files = ["./bell.js", "./bell.cjs", "./push_worker.js", "./push_worker.cjs"];
  assertEquals(npm.sideEffects, files); // a bundler drops an unused import of any other
  assertEquals(npm.dependencies, undefined);
});

Deno.test({
  name: "The package contains the files that npm packs",
  ignore: !await hasNpm(),
  async fn() {
    await using built = await build();
    const { code, output } = await run("npm", ["pack", "--dry-run", "--json"], built.folder);
    assertEquals(code, 0, output);
    const files = [...output.matchAll(/"path": "([^"]+)"/g)].map(([, path]) => path);
    assertEquals(files.toSorted(), [
      ...["LICENSE", "README.md"],
      ...["bell.cjs", "bell.d.cts", "bell.d.ts", "bell.js", "bell_texts.d.cts", "bell_texts.d.ts"],
      ...["client.cjs", "client.d.cts", "client.d.ts", "client.js"],
      ...["inbox.cjs", "inbox.d.cts", "inbox.d.ts", "inbox.js", "package.json"],
      ...["publisher.cjs", "publisher.d.cts", "publisher.d.ts", "publisher.js"],
      ...["publishing.d.cts", "publishing.d.ts"],
      ...["push.cjs", "push.d.cts", "push.d.ts", "push.js"],
      ...["push_worker.cjs", "push_worker.d.cts", "push_worker.d.ts", "push_worker.js"],
      ...["react.cjs", "react.d.cts", "react.d.ts", "react.js"],
      ...["tab_election.cjs", "tab_election.js", "tidings.d.cts", "tidings.d.ts"],
      ...["use_inbox.cjs", "use_inbox.d.cts", "use_inbox.d.ts", "use_inbox.js"],
    ]);
  },
});

async function hasNpm(): Promise<boolean> {
  try {
    return (await new Deno.Command("npm", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("The test that npm packs the package is skipped, because npm is not installed.");
    return false;
  }
}
