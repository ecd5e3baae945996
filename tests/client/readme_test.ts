/** The SDK's guides: every example type-checks, and the tables name every option, field, member and event. */

import { assert, assertEquals } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };

const CLIENT = new URL("../../src/client/", import.meta.url);
const GUIDES = ["README.md", "NOTIFICATION_CENTRE.md", "PUSH.md", "package/files/README.md"];

/** The names that examples use without declaring them. */
const GLOBALS = `
declare function show(data: unknown): void;
declare function token(): Promise<string>;
declare const process: { env: Record<string, string | undefined> };
`;

/** The types that JSX needs, because React's package has none. */
const JSX_RUNTIME = `
export namespace JSX {
  export type Element = object;
  export interface IntrinsicElements {
    [name: string]: Record<string, unknown>;
  }
}
export declare function jsx(type: unknown, props: unknown): JSX.Element;
export declare function jsxs(type: unknown, props: unknown): JSX.Element;
`;

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, CLIENT));
}

/** The examples are marked "ignore", because `deno test --doc` would run them, and their service does not exist. */
function parseExamples(markdown: string): { extension: string; text: string }[] {
  return [...markdown.matchAll(/^```(tsx?) ignore\n([^]*?)^```$/gm)].map(
    ([, extension = "", text = ""]) => ({ extension, text }),
  );
}

/** The names in the first column of a guide's tables. */
function parseNames(markdown: string): Set<string> {
  const cells = [...markdown.matchAll(/^\| ([^|]+)\|/gm)].map(([, cell = ""]) => cell);
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`(\w+)[^`]*`/g)].map(([, name = ""]) => name)));
}

/** The names of an interface's members. */
function membersOf(source: string, name: string): string[] {
  const body = new RegExp(`^export interface ${name}\\b[^]*?\\{\\n([^]*?)^\\}`, "m").exec(source)?.[1];
  assert(body !== undefined, `there is no interface ${name}`);
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)(?=[?:(<])/gm)].map(([, member = ""]) => member);
}

Deno.test("Every example in the SDK's guides type-checks", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tidings-examples-" });
  const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
  const client = (path: string) => new URL(path, CLIENT).href;
  const lib = ["dom", "dom.iterable", "dom.asynciterable", "esnext", "deno.ns"];
  const config = {
    imports: {
      "@tidings/client": client("client.ts"),
      "@tidings/client/bell": client("bell/bell.ts"),
      "@tidings/client/inbox": client("inbox.ts"),
      "@tidings/client/publisher": client("publisher/publisher.ts"),
      "@tidings/client/push": client("push/push.ts"),
      "bell.css": client("bell/bell.css"),
      "@tidings/client/react": client("react.ts"),
      "react": client("react_types.d.ts"),
      "react/jsx-runtime": "./jsx_runtime.ts",
      "ws": "./ws.ts",
    },
    compilerOptions: { ...manifest.compilerOptions, lib, jsx: "react-jsx", jsxImportSource: "react" },
  };
  await write("deno.json", JSON.stringify(config));
  await write("jsx_runtime.ts", JSX_RUNTIME);
  await write("ws.ts", "const { WebSocket } = globalThis;\nexport { WebSocket };\n");
  await write("globals.d.ts", GLOBALS);
  const names: string[] = [];
  for (const guide of GUIDES) {
    const examples = parseExamples(await read(guide));
    assert(examples.length > 0, `${guide} has no examples`);
    for (const { extension, text } of examples) {
      const name = `${guide.replaceAll(/\W/g, "_")}_${names.length}.${extension}`;
      await write(name, `/// <reference path="./globals.d.ts" />\n${text}\nexport {};\n`);
      names.push(name);
    }
  }
  const args = ["check", "--no-lock", "--config=deno.json", ...names];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder }).output();
  assert(success, new TextDecoder().decode(stderr));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The SDK's guide has no example that nothing checks", async () => {
  for (const guide of GUIDES) {
    const fences = [...(await read(guide)).matchAll(/^```(tsx?\b.*)$/gm)].map(([, fence]) => fence);
    assertEquals(fences.filter((fence) => !fence?.endsWith(" ignore")), [], guide);
  }
});

Deno.test("The SDK's guide names every option, field, member and event", async () => {
  const guide = parseNames(await read("README.md"));
  const [tidings, react, inbox] = [await read("tidings.ts"), await read("react.ts"), await read("inbox.ts")];
  const publishing = await read("publisher/publishing.ts");
  const types = ["ConnectOptions", "Tidings", "TidingsEvents", "TidingsNotification", "ConnectionStatus"];
  const members = [
    ...[...types, "Missed", "TidingsError"].flatMap((type) => membersOf(tidings, type)),
    ...["TidingsReadState", "MarkAnswer"].flatMap((type) => membersOf(tidings, type)),
    ...["TidingsInbox", "InboxItem", "InboxOptions", "InboxEvents"].flatMap((type) => membersOf(inbox, type)),
    ...["UseNotificationsOptions", "Notifications"].flatMap((type) => membersOf(react, type)),
    ...membersOf(await read("use_inbox.ts"), "InboxView"),
    ...["TidingsPublisherOptions", "PublishError", "TidingsPublisher"].flatMap((type) =>
      membersOf(publishing, type)
    ),
  ];
  assert(members.length > 40, `${members}`);
  assertEquals(members.filter((member) => !guide.has(member)), []);
});

Deno.test("The guide of Web Push names every function, option and state", async () => {
  const [guide, module] = [await read("PUSH.md"), await read("push/push.ts")];
  const functions = [...module.matchAll(/^export async function (\w+)/gm)].map(([, name]) => name);
  const states = [.../^export type PushState = (.*);/m.exec(module)?.[1]?.matchAll(/"\w+"/g) ?? []];
  const names = [...functions, ...states.map(([state]) => state), ...membersOf(module, "PushOptions")];
  assertEquals(names.length, 9);
  const cells = [...guide.matchAll(/^\| (?:\w+ )*`(.*?)[(`]/gm)].map(([, name]) => name);
  const isNamed = (name = "") => cells.includes(name) || guide.includes(`\`${name}\` is`);
  assertEquals(names.filter((name) => !isNamed(name)), []);
});

Deno.test("The SDK's guide names every attribute, property, part and custom property of the bell", async () => {
  const [guide, element, style] = await Promise.all(
    ["README.md", "bell/bell.ts", "bell/bell.css"].map(read),
  );
  const attributes = /observedAttributes.* = (\[.*\])/.exec(element ?? "")?.[1] ?? "[]";
  const properties = [...(element ?? "").matchAll(/^ {2}set (\w+)/gm)].map(([, name]) => name);
  const styled = [...(style ?? "").matchAll(/--tidings-[\w-]+|(?<=\[part~?=)"?[\w-]+/g)].map(([name]) =>
    name
  );
  const names = new Set([...JSON.parse(attributes), ...properties, ...styled]);
  assert(names.size > 30, [...names].join());
  assertEquals([...names].filter((name) => !guide?.includes(`\`${name.replace('"', "")}\``)), []);
});
