/** The servers that are measured: Tidings with the journals that need no other server, and its peers. */

import manifest from "../../deno.json" with { type: "json" };
import { findCentrifugo } from "./centrifugo.ts";
import { run } from "./install.ts";
import type { Peer, Routes } from "./peer.ts";

export const FLOOR = "Deno floor", GORILLA = "gorilla hub";

const ROOT = new URL("../../", import.meta.url).pathname;
const HERE = new URL("peers/", import.meta.url).pathname;
const DENO = [Deno.execPath(), "run", "--allow-all"];
const HEAP = /--v8-flags=\S+/.exec(manifest.tasks.start.command)?.[0] ?? ""; // the flags of `deno task start`
const ROUTES: Routes = {
  dialect: "tidings",
  connect: "/connect?target=",
  notify: "/notify",
  many: "/notify",
  publish: null,
  lines: null,
  call: null,
};

/**
 * Functions that find a peer, by its name on the command line. Peers that have to be built use the folder.
 */
export const PEERS: Readonly<Record<string, (folder: string) => Promise<Peer>>> = {
  floor: () =>
    Promise.resolve(peer(FLOOR, ({ port }) => ({ command: [...DENO, `${HERE}floor.ts`, `${port}`] }))),
  least: () =>
    Promise.resolve({
      ...peer("Deno, the least", ({ port, secrets }) => ({
        command: [...DENO, `${HERE}least.ts`, `${port}`, ...(secrets === null ? [] : [secrets.token])],
      })),
      checksSecrets: true,
    }),
  async bun() {
    await run("bun", ["--version"]);
    return peer("Bun", ({ port }) => ({ command: ["bun", `${HERE}bun.js`, `${port}`] }));
  },
  async ws(folder) {
    await run("node", ["--version"]);
    const ws = Deno.env.get("BENCH_WS") ?? await installWs(folder);
    return peer("ws on Node", ({ port }) => ({ command: ["node", `${HERE}ws.mjs`, `${port}`, ws] }));
  },
  async gorilla(folder) {
    await run("go", ["build", "-o", `${folder}/gorilla_hub`, "."], { cwd: `${HERE}gorilla_hub` });
    const routes = { ...ROUTES, many: "/notify/many" };
    return { ...peer(GORILLA, ({ port }) => ({ command: [`${folder}/gorilla_hub`, `${port}`] })), routes };
  },
  centrifugo: () => findCentrifugo(Deno.env.get("CENTRIFUGO") ?? `${Deno.env.get("HOME")}/go/bin/centrifugo`),
};

export const JOURNALS: Readonly<Record<string, Peer>> = {
  memory: tidings("Tidings, memory", () => "memory:"),
  sqlite: tidings("Tidings, SQLite", (folder) => `sqlite:${folder}/tidings.db`),
};

function tidings(name: string, journal: (folder: string) => string): Peer {
  return {
    name,
    routes: {
      dialect: "tidings",
      connect: "/v1/connect?target=",
      notify: "/v1/notify",
      many: "/v1/notify",
      publish: "/v1/publish",
      lines: "/v1/notify",
      call: "/tidings.v1.PublisherService/Notify",
    },
    checksSecrets: true,
    resumes: true,
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
  return { name, routes: ROUTES, checksSecrets: false, resumes: false, start };
}

async function installWs(folder: string): Promise<string> {
  await run("npm", ["install", "--silent", "--no-save", "--prefix", folder, "ws@8"]);
  return `${folder}/node_modules/ws`;
}
