/** The architecture: which part knows which. An arrow that points the wrong way fails here. */

import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
const PORTS = ["src/journal/journal.ts", "src/wire/position.ts", "src/cluster/nodes.ts"];
const ROOTS = ["main.ts", "src/service/nats_backend.ts"];
const EDGES = ["http", "journal", "connection", "sources"];

/** A module and what it imports: files by their path from the root, packages by their name. */
interface Module {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
  /** Those that are more than types. */
  readonly loads: readonly string[];
}

async function modulesIn(folder: string): Promise<Module[]> {
  const modules: Module[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) modules.push(...await modulesIn(`${folder}${name}/`));
    else if (name.endsWith(".ts")) modules.push(await moduleAt(folder + name));
  }
  return modules;
}

async function moduleAt(path: string): Promise<Module> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  const all = [...text.matchAll(/^(?:import|export)( type)? [^;]*?from "([^"]+)"/gm)];
  const imported = all.map(([, type, specifier = ""]) => ({
    isType: type !== undefined,
    name: specifier.startsWith(".")
      ? new URL(specifier, new URL(path, "file:///")).pathname.slice(1)
      : specifier,
  }));
  const loads = imported.filter(({ isType }) => !isType).map(({ name }) => name);
  return { path, text, imports: imported.map(({ name }) => name), loads };
}

const modules = [...await modulesIn("src/"), await moduleAt("main.ts")];

/** `src/hub/hub.ts` is in `hub`, `src/config.ts` in `config.ts`. */
function partOf(path: string): string {
  return path.split("/")[1] ?? path;
}

function inPart(part: string): Module[] {
  const found = modules.filter(({ path }) => path.startsWith(`src/${part}/`));
  assert(found.length > 0, part);
  return found;
}

Deno.test("async/ imports nothing from elsewhere", () => {
  for (const { path, imports } of inPart("async")) {
    assertEquals(imports.filter((one) => partOf(one) !== "async"), [], path);
  }
});

Deno.test("hub/ imports only channels and the close codes", () => {
  const allowed = ["hub", "async", "wire"];
  for (const { path, imports } of inPart("hub")) {
    assertEquals(imports.filter((one) => !allowed.includes(partOf(one))), [], path);
  }
});

Deno.test("async/ and hub/ know no runtime", () => {
  for (const { path, text } of [...inPart("async"), ...inPart("hub")]) assert(!/\bDeno\./.test(text), path);
});

Deno.test("Edges do not import one another: of another's folder only the ports, and what the hub is made of", () => {
  for (const edge of EDGES) {
    for (const { path, imports } of inPart(edge)) {
      const others = imports.filter((one) => EDGES.includes(partOf(one)));
      assertEquals(others.filter((one) => partOf(one) !== edge && !PORTS.includes(one)), [], path);
    }
  }
});

Deno.test("nodes/ and reports/ know no edge, and nothing of who asks them", () => {
  const known = ["hub", "metrics", "cluster", "reports", "async"];
  const ofNats = ["nats", "nats-core", "zod", "node:buffer", "wire"];
  for (const [part, allowed] of [["cluster", [...known, ...ofNats]], ["reports", known]] as const) {
    for (const { path, imports } of inPart(part)) {
      assertEquals(imports.filter((one) => !allowed.includes(partOf(one))), [], path);
    }
  }
});

Deno.test("metrics/ knows what is measured, and nothing of who counts or asks", () => {
  const allowed = ["hub", "metrics", "wire"];
  for (const { path, imports } of inPart("metrics")) {
    const others = imports.filter((one) => !allowed.includes(partOf(one)));
    assertEquals(others.filter((one) => one !== "src/journal/journal.ts"), [], path);
  }
});

Deno.test("reference/ knows what is said at the doors, and nothing of who says it", () => {
  const allowed = ["reference", "wire", "zod"];
  for (const { path, imports } of inPart("reference")) {
    const others = imports.filter((one) => !allowed.includes(partOf(one)));
    assertEquals(others.filter((one) => one !== "src/wire/position.ts"), [], path);
  }
});

Deno.test("Edges see reports that are given to them, and nothing of how they are made", () => {
  for (const { path, imports } of EDGES.flatMap(inPart)) {
    const ofReports = imports.filter((one) => partOf(one) === "reports" && one !== "src/reports/report.ts");
    assertEquals(ofReports, [], path);
    assert(!imports.includes("src/cluster/handlers.ts"), path);
  }
});

Deno.test("A source never sees the hub", () => {
  for (const { path, imports } of inPart("sources")) {
    assertEquals(imports.filter((one) => partOf(one) === "hub"), [], path);
  }
});

Deno.test("Of the sources only the queue knows NATS, and no other knows the queue: it is loaded if it is used", () => {
  const isOfQueue = (path: string) => /^src\/sources\/queue/.test(path);
  for (const { path, imports } of inPart("sources").filter(({ path }) => !isOfQueue(path))) {
    const ofNats = (one: string) => one.startsWith("@nats-io/") || partOf(one) === "nats";
    assertEquals(imports.filter((one) => ofNats(one) || isOfQueue(one)), [], path);
  }
});

Deno.test("client/ knows the close codes and nothing else of the service, no package, and no runtime but the web's", () => {
  const own = inPart("client").filter(({ path }) => !path.startsWith("src/client/package/"));
  for (const { path, imports, text } of own) {
    const others = imports.filter((one) => partOf(one) !== "client" && one !== "src/wire/close_codes.ts");
    assertEquals(others, path === "src/client/react.ts" ? ["react"] : [], path);
    assert(!/\bDeno\.|from "node:/.test(text), path);
  }
});

Deno.test("The service knows of client/ only the text that it serves", () => {
  for (const { path, imports } of modules.filter(({ path }) => partOf(path) !== "client")) {
    const ofClient = imports.filter((one) =>
      partOf(one) === "client" || one === "esbuild" || one === "react"
    );
    assertEquals(ofClient, path === "src/http/app.ts" ? ["src/client/client.min.js"] : [], path);
  }
});

for (const port of ["journal", "cluster"]) {
  Deno.test(`Only the composition roots name what is behind the port ${port}`, () => {
    const outside = modules.filter(({ path }) => !ROOTS.includes(path) && partOf(path) !== port);
    for (const { path, imports } of outside) {
      assertEquals(imports.filter((one) => partOf(one) === port && !PORTS.includes(one)), [], path);
    }
  });
}

Deno.test("Only main.ts reads the environment, and nothing in src/ imports it", () => {
  for (const { path, text, imports } of modules) {
    if (path !== "main.ts") assert(!/Deno\.env|process\.env/.test(text), path);
    assert(!imports.includes("main.ts"), path);
  }
});

Deno.test("Of the service, only socket_stream.ts knows what a WebSocket is like", () => {
  for (const { path, text } of modules.filter(({ path }) => partOf(path) !== "client")) {
    if (path !== "src/connection/websocket_transport.ts") {
      assert(!/bufferedAmount|readyState/.test(text), path);
    }
  }
});

Deno.test("Nothing of NATS is loaded before it is asked for", () => {
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const next of modules.find((module) => module.path === path)?.loads ?? []) visit(next);
  };
  visit("main.ts");
  assert(seen.has("src/journal/sqlite/sqlite_journal.ts"));
  assertEquals([...seen].filter((one) => /@nats-io|nats_backend/.test(one)), []);
});

Deno.test("No module imports itself by a detour, but for the types of a channel", () => {
  const graph = new Map(modules.map(({ path, imports }) => [path, imports]));
  function reaches(from: string, goal: string, seen = new Set<string>()): boolean {
    return (graph.get(from) ?? []).some((next) => {
      if (next === goal) return true;
      if (seen.has(next)) return false;
      return reaches(next, goal, seen.add(next));
    });
  }
  const circular = [...graph.keys()].filter((path) => reaches(path, path));
  assertEquals(circular.toSorted(), ["src/async/channel.ts", "src/async/ready.ts"]);
});

Deno.test("Every module says in its first line what it is for", () => {
  for (const { path, text } of modules) assert(/^\/\*\*(\n \*)? [A-Z`].*/.test(text), path);
});
