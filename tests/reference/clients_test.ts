/** openapi: generated clients in Go, Python and TypeScript compile, and do what the service offers. */

import { assertEquals } from "@std/assert";
import { dirname } from "node:path";
import project from "../../deno.json" with { type: "json" };
import { runTool } from "../../src/client/package/run_tool.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { findProgram } from "../find_program.ts";
import { PathProxy } from "../path_proxy.ts";
import { TYPESCRIPT_PROGRAM } from "./clients/typescript_program.ts";
import { type Outcome, TemporaryFolder } from "./temporary_folder.ts";
import { TOOLS } from "./tools.ts";

const KEY = "a-publisher-key";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };
const CLIENTS = new URL("./clients/", import.meta.url);
const HOME = Deno.env.get("HOME") ?? "";

const OAPI_CODEGEN = findProgram("oapi-codegen", {
  variable: "OAPI_CODEGEN",
  defaultPath: `${HOME}/go/bin/oapi-codegen`,
});
const OPENAPI_PYTHON_CLIENT = findProgram("openapi-python-client", {
  variable: "OPENAPI_PYTHON_CLIENT",
  defaultPath: `${HOME}/.local/bin/openapi-python-client`,
});

/** What each program prints. */
const ANSWERS = {
  health: "alive",
  token: true,
  id: "duel-1",
  accepted: 3,
  everyone: true,
  sent: 0,
  unacked: true,
  kept: { n: 1 },
  closed: 0,
  problem: "urn:tidings:problem:not-authorized",
};

/** A service behind a path, and a folder with its document. */
async function prepare(): Promise<{ folder: TemporaryFolder; url: string } & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const service = stack.use(await TestService.start(SECRETS));
  const { url } = stack.use(new PathProxy(service.port));
  const folder = stack.use(new TemporaryFolder());
  const response = await fetch(`${url}/openapi.json`);
  await folder.write("openapi.json", await response.text());
  return { folder, url, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Returns what the program printed. */
async function outputOf(running: Promise<Outcome>): Promise<string> {
  const { success, stdout, stderr } = await running;
  assertEquals(success, true, stdout + stderr);
  return stdout;
}

OAPI_CODEGEN.test("The Go client of oapi-codegen compiles, and does what the service offers", async () => {
  await using prepared = await prepare();
  const { folder, url } = prepared;
  for (const name of ["go.mod", "go.sum", "main.go"]) {
    await folder.write(name, await Deno.readTextFile(new URL(`go/${name}`, CLIENTS)));
  }
  await Deno.mkdir(`${folder.path}/tidings`);
  const output = ["-package", "tidings", "-o", "tidings/client.go"];
  await outputOf(
    folder.run(OAPI_CODEGEN.path, ["-generate", "types,client", ...output, "openapi.json"]),
  );
  await outputOf(folder.run("go", ["vet", "./..."]));
  assertEquals(JSON.parse(await outputOf(folder.run("go", ["run", ".", url, KEY]))), ANSWERS);
});

OPENAPI_PYTHON_CLIENT.test("The Python client of openapi-python-client has types, and does what the service offers", async () => {
  await using prepared = await prepare();
  const { folder, url } = prepared;
  const tools = dirname(await Deno.realPath(OPENAPI_PYTHON_CLIENT.path)); // has ruff, and Python with the packages
  const env = { PATH: `${tools}:${Deno.env.get("PATH")}`, PYTHONDONTWRITEBYTECODE: "1" };
  const options = ["--path", "openapi.json", "--meta", "none", "--output-path", "tidings"];
  const warnings = ["--fail-on-warning"];
  await outputOf(folder.run(OPENAPI_PYTHON_CLIENT.path, ["generate", ...options, ...warnings], env));
  await folder.write("main.py", await Deno.readTextFile(new URL("python/main.py", CLIENTS)));
  const printed = await outputOf(folder.run(`${tools}/python3`, ["main.py", url, KEY], env));
  assertEquals(JSON.parse(printed), ANSWERS);
});

Deno.test("The TypeScript client of openapi-typescript compiles, and does what the service offers", async () => {
  await using prepared = await prepare();
  const { folder, url } = prepared;
  await outputOf(folder.runModule(TOOLS.openapiTypescript, ["openapi.json", "--output", "tidings.d.ts"]));
  const options = ["--ignoreConfig", "--noEmit", "--strict", "--target", "es2022"];
  await runTool(`${project.imports.typescript}/tsc`, [...options, `${folder.path}/tidings.d.ts`]);
  await folder.write("main.ts", TYPESCRIPT_PROGRAM);
  assertEquals(JSON.parse(await outputOf(folder.runModule("main.ts", [url, KEY]))), ANSWERS);
});
