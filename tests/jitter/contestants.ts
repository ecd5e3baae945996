/** The servers that are compared, and how each is started. */

import { NotInstalledError, run } from "../bench/install.ts";
import type { Peer } from "../bench/peer.ts";
import { JOURNALS, PEERS } from "../bench/peers.ts";
import type { LanguageName } from "./load/languages.ts";

export interface Contestant {
  readonly name: LanguageName;
  readonly title: string;
  /** Whether it delivers what a client has missed. */
  readonly resumes: boolean;
  readonly server: Peer;
}

const SOCKET_IO = "socket.io@4.8.4";
const SOCKET_IO_SERVER = new URL("peers/socketio.mjs", import.meta.url).pathname;

export const TITLES: Readonly<Record<LanguageName, string>> = {
  tidings: "Tidings",
  centrifugo: "Centrifugo",
  socketio: "Socket.IO with recovery",
  ws: "ws",
};

export const NAMES: readonly LanguageName[] = ["tidings", "centrifugo", "socketio", "ws"];

/** Resolves with a contestant. Packages of npm go into the folder. Rejects with NotInstalledError if it is missing. */
export async function findContestant(name: LanguageName, folder: string): Promise<Contestant> {
  const contestant = { name, title: TITLES[name], resumes: name !== "ws" };
  return { ...contestant, server: await serverOf(name, `${folder}/${name}`) };
}

async function serverOf(name: LanguageName, folder: string): Promise<Peer> {
  switch (name) {
    case "tidings":
      return known(JOURNALS.memory);
    case "centrifugo":
      return known(await PEERS.centrifugo?.(folder));
    case "ws":
      return known(await PEERS.ws?.(folder));
    case "socketio":
      return await socketIo(folder);
    default:
      return name satisfies never;
  }
}

function known(peer: Peer | undefined): Peer {
  if (peer === undefined) throw new NotInstalledError("the benchmark does not have it");
  return peer;
}

async function socketIo(folder: string): Promise<Peer> {
  await run("node", ["--version"]);
  await run("npm", ["install", "--silent", "--no-save", "--prefix", folder, SOCKET_IO]);
  const none = { publish: null, lines: null, call: null };
  return {
    name: TITLES.socketio,
    routes: { dialect: "tidings", connect: "", notify: "/notify", many: "/notify", ...none },
    checksSecrets: false,
    resumes: true,
    start: ({ port }) => ({ command: ["node", SOCKET_IO_SERVER, `${port}`, folder] }),
  };
}
