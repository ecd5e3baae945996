/** The package as others use it: old resolutions, CommonJS, Node 20 without WebSocket, Bun, and what registries check. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { writePackage } from "../../../src/client/package/package.ts";
import { TestService } from "../../end_to_end/test_service.ts";

const TOOLS = ["ws@8", "bun@1", "typescript@5", "publint@0.3", "@arethetypeswrong/cli@0.18", "react@19"];

/** Runs in Node: prints the transport, and the data of the first notification. */
const PROGRAM = `
import { connect } from "@tidings/client";
import { createRequire } from "node:module";
const [url, polyfill] = process.argv.slice(2);
delete globalThis.WebSocket; // Node 20 has none
if (polyfill) globalThis.WebSocket = (await import("ws")).WebSocket;
const { connect: required } = createRequire(import.meta.url)("@tidings/client");
for (const each of [connect, required]) {
  const tidings = each(url, { target: "alexander" });
  const first = tidings.notifications().next();
  await new Promise((resolve) => tidings.addEventListener("state", ({ detail }) => detail.state === "open" && resolve()));
  await fetch(url + "/v1/notify", { method: "POST", body: JSON.stringify({ target: "alexander", data: "Hello" }) });
  console.log(tidings.status.transport, (await first).value.data);
  await tidings.close();
}
const silent = each => each(url.replace(/\\d+$/, "9"), { target: "alexander" });
const unreachable = silent(connect); // must not end the process, as an error without a listener would
await new Promise((resolve) => unreachable.addEventListener("state", ({ detail }) => detail.state === "waiting" && resolve()));
await unreachable.close();
`;

/** Runs in Node: publishes with the class of `ws`, or with that of Node 22, and prints what the service has kept. */
const PUBLISHER = `
import { publisher } from "@tidings/client/publisher";
import { createRequire } from "node:module";
import { WebSocket } from "ws";
const [url, key] = process.argv.slice(2);
const { publisher: required } = createRequire(import.meta.url)("@tidings/client/publisher");
delete globalThis.WebSocket; // Node 20 has none
try {
  publisher(url);
} catch (error) {
  console.log(error.name, /\`ws\`/.test(error.message));
}
for (const each of [publisher, required]) {
  const tidings = each(url, { key, WebSocket });
  const all = await Promise.all([1, 2, 3].map((n) => tidings.notify({ target: "alexander", data: n, id: "id" + n })));
  console.log(all.map(({ id }) => id).join());
  await tidings.close();
}
globalThis.WebSocket = WebSocket; // as Node 22 has one
const wrong = publisher(url, { key: "wrong" });
await wrong.notify({ target: "alexander", data: 1 }).catch(({ name, status, final }) => console.log(name, status, final));
await wrong.close();
`;

/** Runs in Bun: publishes with its own WebSocket, twice with one id. */
const BUN = `
import { publisher } from "@tidings/client/publisher";
const [url, key] = process.argv.slice(2);
await using tidings = publisher(url, { key });
const ids = ["a", "b", "a"].map((id) => tidings.notify({ target: "alexander", data: 1, id }).then(({ id }) => id));
console.log((await Promise.all(ids)).join());
`;

interface Outcome {
  readonly success: boolean;
  readonly output: string;
}

async function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd }).output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** A project that has installed the package; null, with a printed reason, if npm cannot do that here. */
async function install(): Promise<({ path: string; packed: string } & AsyncDisposable) | null> {
  const path = await Deno.makeTempDir({ prefix: "tidings-consumer-" });
  const packed = `${path}/package`;
  await writePackage(new URL(`file://${packed}/`));
  await Deno.writeTextFile(`${path}/package.json`, '{ "type": "module", "private": true }');
  const installed = { path, packed, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
  const args = ["install", "--no-audit", "--no-fund", "--install-links", packed, ...TOOLS];
  const { success, output } = await run("npm", args, path).catch((error) => ({
    success: false,
    output: `${error}`,
  }));
  if (success) return installed;
  await installed[Symbol.asyncDispose]();
  if (Deno.env.get("CI")) throw new Error(output);
  console.log(
    `What uses the package from npm is not tested, because npm cannot install it: ${output.slice(0, 200)}`,
  );
  return null;
}

const project = await install();
addEventListener("unload", () => {
  if (project !== null) Deno.removeSync(project.path, { recursive: true });
});

/** Defines a test with the project. */
function test(name: string, fn: (project: { path: string; packed: string }) => Promise<void>): void {
  Deno.test({ name, ignore: project === null, fn: () => project === null ? undefined : fn(project) });
}

test("The package resolves with TypeScript's node10 resolution, and with Node's from CommonJS", async ({ path }) => {
  const text = `import { connect } from "@tidings/client";
import { inbox } from "@tidings/client/inbox";
import { publisher } from "@tidings/client/publisher";
import { pushState } from "@tidings/client/push";
import { useInbox, useNotifications } from "@tidings/client/react";
inbox(connect("/")).unread satisfies number;
useInbox(connect("/")).more satisfies boolean;
publisher("/", { key: "k" }).notify({ target: "a", data: 1 }).then(({ id }) => id satisfies string);
pushState({ serviceWorker: "/service_worker.js" }).then((state) => state satisfies "unsupported" | "denied" | "off" | "on");
connect("/").state satisfies string;
useNotifications("/").missed satisfies number;
`;
  await Deno.writeTextFile(`${path}/case.cts`, text);
  for (const [module, resolution] of [["commonjs", "node10"], ["node16", "node16"]]) {
    const options = ["--module", `${module}`, "--moduleResolution", `${resolution}`, "--target", "es2020"];
    const all = ["tsc", "--noEmit", "--strict", ...options, "--lib", "es2020,dom", "case.cts"];
    assertEquals(await run("npx", all, path), { success: true, output: "" }, `${module}`);
  }
});

test("The package passes publint and attw", async ({ path, packed }) => {
  const lint = await run("npx", ["publint", "--strict", packed], path);
  assertEquals(lint.success, true, lint.output);
  const { output } = await run("npm", ["pack", packed, "--pack-destination", path], path);
  const tarball = /\S+\.tgz/.exec(output)?.[0] ?? "";
  const types = await run("npx", ["attw", tarball], path);
  assertEquals(types.success, true, types.output);
});

test("The package can be published to JSR", async ({ packed }) => {
  const args = ["publish", "--dry-run", "--allow-dirty", "--token", "none"];
  const { success, output } = await run(Deno.execPath(), args, packed);
  assertEquals(success, true, output);
});

for (const [transport, ...polyfill] of [["websocket", "ws"], ["sse"]]) {
  test(`Node without a WebSocket receives over ${transport}${polyfill.map((name) => ` with ${name}`)}`, async ({ path }) => {
    await using service = await TestService.start();
    await Deno.writeTextFile(`${path}/program.mjs`, PROGRAM);
    const { success, output } = await run("node", ["program.mjs", service.url, ...polyfill], path);
    assertEquals([success, output], [true, `${transport} Hello\n`.repeat(2)]);
  });
}

test("Node without a WebSocket publishes with the one of ws", async ({ path }) => {
  const secrets = { TIDINGS_PUBLISHER_KEYS: "a-key-for-node-20", TIDINGS_TOKEN_SECRET: "x".repeat(32) };
  await using service = await TestService.start(secrets);
  await Deno.writeTextFile(`${path}/publisher.mjs`, PUBLISHER);
  const { success, output } = await run("node", ["publisher.mjs", service.url, "a-key-for-node-20"], path);
  const ids = "id1,id2,id3\n";
  assertEquals([success, output], [true, `TypeError true\n${ids}${ids}PublishError 401 true\n`]);
});

test("Bun publishes over its own WebSocket", async ({ path }) => {
  const secrets = { TIDINGS_PUBLISHER_KEYS: "a-key-for-bun", TIDINGS_TOKEN_SECRET: "x".repeat(32) };
  await using service = await TestService.start(secrets);
  await Deno.writeTextFile(`${path}/bun.mjs`, BUN);
  const { success, output } = await run("npx", ["bun", "bun.mjs", service.url, "a-key-for-bun"], path);
  assertEquals([success, output], [true, "a,b,a\n"]);
});

test("The package names the engines that it supports", async ({ packed }) => {
  const { engines, browserslist } = JSON.parse(await Deno.readTextFile(`${packed}/package.json`));
  assertEquals(engines, { node: ">=20" });
  const readme = await Deno.readTextFile(`${packed}/README.md`);
  for (const engine of browserslist) {
    const [, name = "", version = ""] = /^(\w+) >= (\d+)$/.exec(engine) ?? [];
    assertStringIncludes(readme.toLowerCase(), `${name} ${version}`);
  }
});
