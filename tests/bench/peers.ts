/** What is measured: Tidings with each of its journals that need no other server, and whom it is compared to. */

import manifest from "../../deno.json" with { type: "json" };
import type { Secrets } from "./load/plan.ts";

/** A server that can be started here. */
export interface Peer {
  readonly name: string;
  readonly routes: Routes;
  /** Does it check keys and tokens, if it is given secrets? */
  readonly checks: boolean;
  start(on: Start): { readonly command: readonly string[]; readonly env?: Record<string, string> };
}

export interface Routes {
  readonly connect: string;
  readonly notify: string;
  readonly many: string;
}

/** What a server is started with; the folder is empty, its own, and removed after it. */
export interface Start {
  readonly port: number;
  readonly folder: string;
  readonly secrets: Secrets | null;
}

/** Says why a peer is not measured. */
export class NotInstalled extends Error {}

export const FLOOR = "Deno floor", GORILLA = "gorilla hub";

const ROOT = new URL("../../", import.meta.url).pathname;
const HERE = new URL("peers/", import.meta.url).pathname;
const DENO = [Deno.execPath(), "run", "--allow-all"];
const HEAP = /--v8-flags=\S+/.exec(manifest.tasks.start.command)?.[0] ?? ""; // as whoever starts it has it
const ROUTES: Routes = { connect: "/connect?target=", notify: "/notify", many: "/notify" };

/** Ways to look for a peer, by the word that the command line has for it. The folder is for what has to be built. */
export const PEERS: Readonly<Record<string, (folder: string) => Promise<Peer>>> = {
  floor: () =>
    Promise.resolve(peer(FLOOR, ({ port }) => ({ command: [...DENO, `${HERE}floor.ts`, `${port}`] }))),
  least: () =>
    Promise.resolve({
      ...peer("Deno, the least", ({ port, secrets }) => ({
        command: [...DENO, `${HERE}least.ts`, `${port}`, ...(secrets === null ? [] : [secrets.token])],
      })),
      checks: true,
    }),
  async bun() {
    await succeeds("bun", ["--version"]);
    return peer("Bun", ({ port }) => ({ command: ["bun", `${HERE}bun.js`, `${port}`] }));
  },
  async ws(folder) {
    await succeeds("node", ["--version"]);
    const ws = Deno.env.get("BENCH_WS") ?? await installWs(folder);
    return peer("ws on Node", ({ port }) => ({ command: ["node", `${HERE}ws.mjs`, `${port}`, ws] }));
  },
  async gorilla(folder) {
    await succeeds("go", ["build", "-o", `${folder}/gorilla_hub`, "."], { cwd: `${HERE}gorilla_hub` });
    const routes = { ...ROUTES, many: "/notify/many" };
    return { ...peer(GORILLA, ({ port }) => ({ command: [`${folder}/gorilla_hub`, `${port}`] })), routes };
  },
};

export const JOURNALS: Readonly<Record<string, Peer>> = {
  memory: tidings("Tidings, memory", () => "memory:"),
  sqlite: tidings("Tidings, SQLite", (folder) => `sqlite:${folder}/tidings.db`),
};

function tidings(name: string, journal: (folder: string) => string): Peer {
  return {
    name,
    routes: { connect: "/v1/connect?target=", notify: "/v1/notify", many: "/v1/notify" },
    checks: true,
    start: ({ port, folder, secrets }) => ({
      command: [...DENO, HEAP, `${ROOT}main.ts`],
      env: {
        HOST: "127.0.0.1",
        PORT: `${port}`,
        TIDINGS_JOURNAL: journal(folder),
        TIDINGS_MAX_CONNECTIONS_PER_TARGET: "20000",
        ...(secrets !== null && { TIDINGS_PUBLISHER_KEYS: secrets.key, TIDINGS_TOKEN_SECRET: secrets.token }),
      },
    }),
  };
}

function peer(name: string, start: Peer["start"]): Peer {
  return { name, routes: ROUTES, checks: false, start };
}

async function installWs(folder: string): Promise<string> {
  await succeeds("npm", ["install", "--silent", "--no-save", "--prefix", folder, "ws@8"]);
  return `${folder}/node_modules/ws`;
}

/** Rejects with {@linkcode NotInstalled} if there is no such program, or if it fails. */
async function succeeds(program: string, args: string[], options: Deno.CommandOptions = {}): Promise<void> {
  const output = await new Deno.Command(program, { ...options, args }).output().catch((cause) => {
    if (cause instanceof Deno.errors.NotFound) {
      throw new NotInstalled(`there is no ${program} here`, { cause });
    }
    throw cause;
  });
  if (output.success) return;
  const said = new TextDecoder().decode(output.stderr).trim().split("\n").at(-1);
  throw new NotInstalled(`${program} ${args[0]} failed: ${said}`);
}
