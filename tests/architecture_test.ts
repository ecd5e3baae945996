/** The architecture: which room of `src/` may know which, and what each room must not know. */

import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** Everything that runs starts here: the service, the command line, the workers that are loaded by their URLs, the SDK, tasks. */
const ENTRIES = [
  "main.ts",
  "src/cli/tidings.ts",
  "src/config/print_vapid_keys.ts",
  "src/journal/sqlite/worker.ts",
  "src/service/worker.ts",
  "src/client/client.ts",
  "src/client/inbox.ts",
  "src/client/react.ts",
  "src/client/bell/bell.ts",
  "src/client/publisher/publisher.ts",
  "src/client/push/push.ts",
  "src/client/push/push_worker.ts",
  "src/client/package/build.ts",
];

/** The rooms that a room's code may import from. Whatever else it needs is passed to it. */
const CODE: Readonly<Record<string, readonly string[]>> = {
  "async": [],
  "wire": [],
  "nats": ["async", "journal", "wire"],
  "postgres": [],
  "hub": ["async"],
  "reports": ["async"],
  "journal/index": ["wire"],
  "journal": ["journal/index", "wire"],
  "journal/sqlite": ["async", "journal", "journal/index", "wire"],
  "journal/nats": ["async", "journal", "journal/index", "nats", "wire"],
  "schedule": ["journal"],
  "schedule/nats": ["journal", "nats", "schedule", "wire"],
  "push": ["async", "journal", "wire"],
  "push/nats": ["journal", "nats", "push"],
  "presence": ["async", "journal", "processor/webhook", "wire"],
  "presence/nats": ["async", "nats", "presence"],
  "revocation": ["journal"],
  "revocation/nats": ["journal", "nats", "revocation", "wire"],
  "config": ["nats", "postgres", "wire"],
  "quota": ["async", "wire"],
  "metrics": ["journal", "wire"],
  "cluster": ["async", "wire"],
  "cluster/nats": ["async", "cluster", "metrics", "nats", "wire"],
  "connection": ["async", "hub", "journal", "wire"],
  "processor": ["async", "wire"],
  "processor/webhook": ["async", "wire"],
  "sources": ["async", "journal", "wire"],
  "sources/queue": ["async", "nats", "sources", "wire"],
  "sources/outbox": ["async", "postgres", "sources", "wire"],
  "sources/socket": ["sources", "wire"],
  "sources/rpc": ["sources", "sources/rpc/tidings/v1", "wire"],
  "sources/rpc/tidings/v1": [],
  "reference": ["wire"],
  "pages": ["pages/console", "pages/demo", "pages/docs", "pages/shared"],
  "http": ["async", "push", "reports", "wire"],
  "http/auth": ["http", "wire"],
  "http/routes": [
    ...["client", "http", "http/auth", "journal", "metrics", "pages", "push", "reference", "sources"],
    ...["sources/rpc", "wire"],
  ],
  "service": [
    ...["async", "cluster", "cluster/nats", "config", "connection", "http", "http/routes", "hub", "journal"],
    ...["journal/nats", "journal/sqlite", "metrics", "nats", "processor", "processor/webhook", "push"],
    ...[
      "presence",
      "presence/nats",
      "push/nats",
      "quota",
      "reports",
      "revocation",
      "revocation/nats",
      "schedule",
      "schedule/nats",
      "sources",
      "sources/outbox",
      "sources/queue",
    ],
    ...["sources/socket", "tracing", "wire", "workers"],
  ],
  "workers": ["async", "cluster", "connection", "journal", "presence", "revocation", "schedule"],
  "tracing": ["wire"],
  "cli": ["cli/call", "cli/checks", "client", "config", "journal/sqlite", "reference", "service", "wire"],
  "cli/call": ["config", "reference"],
  "cli/checks": [
    ...["cli/call", "config", "journal/sqlite", "nats", "postgres", "reference", "service", "sources/outbox"],
    "wire",
  ],
  "client": ["wire"],
  "client/bell": ["client"],
  "client/publisher": ["client"],
  "client/push": ["client"],
  "client/package": ["wire"],
};

/** The rooms that a room may import types from, besides those of its code. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  "hub": ["wire"],
  "journal/sqlite": ["presence", "push", "revocation", "schedule"],
  "reports": ["hub"],
  "metrics": ["hub", "revocation"],
  "push": ["config"],
  "workers": ["push", "wire"],
  "cluster": ["hub", "metrics", "reports"],
  "quota": ["config"],
  "http/auth": ["config", "connection", "quota"],
  "http/routes": ["cluster", "config", "connection", "quota", "sources/socket"],
  "http": ["cluster", "metrics", "quota", "sources"],
  "sources/socket": ["connection"],
  "processor": ["connection"],
  "processor/webhook": ["processor"],
};

/** What modules of the SDK import by a name: React of the application, and a style that the build minifies. */
const PACKAGES_OF_CLIENT: Readonly<Record<string, readonly string[]>> = {
  "src/client/react.ts": ["react"],
  "src/client/use_inbox.ts": ["react"],
  "src/client/bell/style.ts": ["bell.css"],
};

/** Ports: any room may import their types. */
const PORTS = [
  "src/journal/journal.ts",
  "src/journal/journal_stats.ts",
  "src/journal/read.ts",
  "src/cluster/nodes.ts",
  "src/cluster/spending.ts",
  "src/revocation/revocations.ts",
  "src/schedule/schedule.ts",
  "src/push/push_request.ts",
  "src/push/subscriptions.ts",
  "src/presence/last_seen.ts",
];

interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string };
  readonly type?: { readonly specifier?: string };
  readonly isDynamic?: boolean;
}

/** A module of the project: its path from the root, its text, and what it imports. */
interface Module {
  readonly path: string;
  readonly text: string;
  readonly dependencies: readonly Dependency[];
}

async function deno(...args: readonly string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, stdout: "piped" });
  const { stdout, success } = await command.output();
  assert(success, args.join(" "));
  return new TextDecoder().decode(stdout);
}

/** Every module that the entry point leads to, also by imports of types alone. */
async function modulesFrom(entry: string): Promise<Module[]> {
  const { modules } = JSON.parse(await deno("info", "--json", entry));
  const own = modules.filter(({ specifier }: { specifier: string }) => /\.ts$/.test(pathOf(specifier) ?? ""));
  return await Promise.all(
    own.map(async ({ specifier, dependencies = [] }: { specifier: string; dependencies?: Dependency[] }) => ({
      path: pathOf(specifier) ?? "",
      text: await Deno.readTextFile(new URL(specifier)),
      dependencies,
    })),
  );
}

/** From the root; undefined for what is not of this project. */
function pathOf(specifier: string): string | undefined {
  return specifier.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : undefined;
}

const modules = [
  ...new Map((await Promise.all(ENTRIES.map(modulesFrom))).flat().map((module) => [module.path, module]))
    .values(),
].filter(({ path }) => path.startsWith("src/") || path === "main.ts");

/** The files that a module imports as code or, the other kind, for their types alone. */
function importsOf({ dependencies }: Module, kind: "code" | "type"): string[] {
  const paths = dependencies.map((dependency) => pathOf(dependency[kind]?.specifier ?? ""));
  return paths.filter((path) => path !== undefined);
}

/** The npm packages and built-in modules that a module imports. */
function packagesOf({ dependencies }: Module): string[] {
  return dependencies.map(({ specifier }) => specifier).filter((name) => !name.startsWith("."));
}

/** `src/journal/nats/message.ts` is in `journal/nats`. */
function roomOf(path: string): string {
  return path.split("/").slice(1, -1).join("/");
}

function inRoom(room: string): Module[] {
  const found = modules.filter(({ path }) => roomOf(path) === room);
  assert(found.length > 0, room);
  return found;
}

async function sourcesIn(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) paths.push(...await sourcesIn(`${folder}${name}/`));
    else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) paths.push(folder + name);
  }
  return paths;
}

Deno.test("Every source is used, and none lies loose in src/", async () => {
  const used = modules.map(({ path }) => path).filter((path) =>
    path !== "main.ts" && !path.endsWith(".d.ts")
  );
  assertEquals(used.toSorted(), (await sourcesIn("src/")).toSorted());
  assertEquals(used.filter((path) => roomOf(path) === ""), []);
});

Deno.test("Rooms import code only from the rooms that they may", () => {
  for (const module of modules.filter(({ path }) => path !== "main.ts")) {
    const room = roomOf(module.path);
    const others = importsOf(module, "code").filter((path) =>
      path.startsWith("src/") && roomOf(path) !== room
    );
    assertEquals(others.filter((path) => !CODE[room]?.includes(roomOf(path))), [], module.path);
  }
});

Deno.test("Rooms import types only from the rooms that they may, and from ports", () => {
  for (const module of modules.filter(({ path }) => path !== "main.ts")) {
    const room = roomOf(module.path);
    const allowed = [room, ...CODE[room] ?? [], ...TYPES[room] ?? []];
    const others = importsOf(module, "type").filter((path) => !allowed.includes(roomOf(path)));
    assertEquals(others.filter((path) => !PORTS.includes(path)), [], module.path);
  }
});

Deno.test("The arrows between rooms, of code and of types, have no cycle", () => {
  const reach = (room: string, seen = new Set<string>()): Set<string> => {
    for (const next of [...CODE[room] ?? [], ...TYPES[room] ?? []]) {
      if (!seen.has(next)) reach(next, seen.add(next));
    }
    return seen;
  };
  for (const room of Object.keys(CODE)) assert(!reach(room).has(room), room);
});

Deno.test("No arrow is allowed that no file uses", () => {
  for (const [kind, arrows] of [["code", CODE], ["type", TYPES]] as const) {
    for (const [room, allowed] of Object.entries(arrows)) {
      const used = inRoom(room).flatMap((module) => importsOf(module, kind)).map(roomOf);
      if (room.startsWith("pages")) continue; // pages are scripts and styles, which are imported as text
      assertEquals(allowed.filter((other) => !used.includes(other)), [], `${kind} of ${room}`);
    }
  }
});

Deno.test("No module imports itself by a detour, but for the types of a channel", () => {
  const graph = new Map(modules.map((module) => [module.path, importsOf(module, "code")]));
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    (graph.get(from) ?? []).some((next) =>
      next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next)))
    );
  assertEquals([...graph.keys()].filter((path) => reaches(path, path)), []);
});

Deno.test("No type is exported under the same name by two files", async () => {
  const own = (path: string) => path.startsWith("src/") && !path.endsWith("_pb.ts"); // those have the names of a schema
  const paths = modules.map(({ path }) => path).filter(own);
  const { nodes } = JSON.parse(await deno("doc", "--json", ...paths));
  const files = new Map<string, string[]>();
  for (const [file, { symbols }] of Object.entries<{ symbols: Symbol[] }>(nodes)) {
    for (const { name, declarations } of symbols) {
      const isOwn = declarations.some(({ kind, location, declarationKind }) =>
        declarationKind === "export" && location.filename === file &&
        ["class", "interface", "typeAlias", "enum"].includes(kind)
      );
      if (isOwn) files.set(name, [...files.get(name) ?? [], file]);
    }
  }
  assert(files.size > 100);
  assertEquals([...files].filter(([, where]) => where.length > 1), []);
});

/** What `deno doc` says of an exported symbol. */
interface Symbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly declarationKind: string;
    readonly location: { readonly filename: string };
  }[];
}

Deno.test("async/ and hub/ know no runtime", () => {
  for (const { path, text } of [...inRoom("async"), ...inRoom("hub")]) assert(!/\bDeno\./.test(text), path);
});

Deno.test("A source never sees the hub", () => {
  const rooms = ["sources", "sources/outbox", "sources/queue", "sources/rpc", "sources/socket"];
  for (const module of rooms.flatMap(inRoom)) {
    const all = [...importsOf(module, "code"), ...importsOf(module, "type")];
    assertEquals(all.filter((path) => roomOf(path) === "hub"), [], module.path);
  }
});

Deno.test("The service loads NATS and PostgreSQL only if they are asked for, and never the command line", () => {
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const { dependencies = [] } = modules.find((module) => module.path === path) ?? {};
    for (const { specifier, code, isDynamic } of dependencies) {
      if (code !== undefined && isDynamic !== true) visit(pathOf(code.specifier ?? "") ?? specifier);
    }
  };
  visit("main.ts");
  assert(seen.has("src/journal/sqlite/sqlite_journal.ts"));
  const onDemand = /@nats-io|nats_backend|sources\/queue|^postgres$|sources\/outbox|commander|^src\/cli\//;
  assertEquals([...seen].filter((one) => onDemand.test(one)), []);
});

Deno.test("Only publishAfter expects the newest message of a subject, because that alone is not safe everywhere", () => {
  const expecting = modules.filter(({ text }) => /lastSubjectSequence|Expected-Last/i.test(text));
  assertEquals(expecting.map(({ path }) => path), ["src/nats/publish_after.ts"]);
});

Deno.test("client/ has no package, and no runtime but the web's", () => {
  const rooms = ["client", "client/bell", "client/publisher", "client/push"];
  for (const module of rooms.flatMap(inRoom)) {
    assertEquals(packagesOf(module), PACKAGES_OF_CLIENT[module.path] ?? [], module.path);
    assert(!/\bDeno\./.test(module.text), module.path);
    const ofWire = importsOf(module, "code").filter((path) => roomOf(path) === "wire");
    assertEquals(ofWire.filter((path) => path !== "src/wire/close_codes.ts"), [], module.path);
  }
});

Deno.test("The service knows of client/ only the text that it serves", () => {
  for (const module of modules.filter(({ path }) => !/^src\/(client|cli)\//.test(path))) {
    const ofClient = module.dependencies.filter(({ specifier }) =>
      /\/client\/|^esbuild$|^react/.test(specifier)
    );
    const texts = ofClient.map(({ specifier }) => specifier);
    const expected = module.path === "src/http/routes/app.ts"
      ? ["bell", "client", "inbox", "push", "push_worker", "tab_election"].map((name) =>
        `../../client/${name}.min.js`
      )
      : [];
    assertEquals(texts, expected, module.path);
  }
});

for (
  const [port, room] of [
    ["journal", "journal"],
    ["nodes", "cluster"],
    ["schedule", "schedule"],
    ["subscriptions", "push"],
    ["presence", "presence"],
    ["revocations", "revocation"],
  ] as const
) {
  Deno.test(`Only service/ chooses what is behind the port ${port}`, () => {
    const adapters = modules.map(({ path }) => path).filter((path) =>
      path.startsWith(`src/${room}/`) &&
      /\/(\w+_journal|(memory|nats)_(last_seen|presence)|memory(_subscriptions|_revocations)?|single_node|nats_(nodes|schedule|subscriptions|revocations))\.ts$/
        .test(
          path,
        )
    );
    assert(adapters.length >= 2);
    for (const module of modules.filter(({ path }) => roomOf(path) !== "service")) {
      assertEquals(importsOf(module, "code").filter((path) => adapters.includes(path)), [], module.path);
    }
  });
}

Deno.test("Only main.ts and the command line's entry read the environment, and nothing in src/ imports main.ts", () => {
  for (const module of modules) {
    if (!["main.ts", "src/cli/tidings.ts"].includes(module.path)) {
      assert(!/Deno\.env|process\.env/.test(module.text), module.path);
    }
    assert(!importsOf(module, "code").includes("main.ts"), module.path);
  }
});

Deno.test("Of the service, only websocket_transport.ts knows what a WebSocket is like", () => {
  for (const { path, text } of modules.filter(({ path }) => !path.startsWith("src/client/"))) {
    if (path === "src/connection/websocket_transport.ts") continue;
    assert(!/bufferedAmount|readyState/.test(text), path);
  }
});

Deno.test("Every module says in its first line what it is for", () => {
  for (const { path, text } of modules) {
    if (!path.endsWith("_pb.ts")) assert(/^\/\*\*(\n \*)? [A-Z`].*/.test(text), path); // those are generated
  }
});
