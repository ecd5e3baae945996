/** What a fault needs of the machine: programs, and rights. */

import { NGINX } from "../deploy/programs.ts";
import { SmallDisk } from "../end_to_end/small_disk.ts";
import { NATS_SERVER } from "../nats/nats_server.ts";
import { NEWER_NATS } from "../nats/newer_nats.ts";
import type { JournalName } from "./stages/stage.ts";
import { Network } from "./stages/network.ts";
import { FAKETIME_LIBRARY } from "./stages/wrong_clock.ts";

export interface Need {
  /** Resolves with why it is missing, or null. */
  missing(): Promise<string | null>;
}

const NATS: Need = { missing: () => missingFile(NATS_SERVER.path) };
/** For several servers. */
export const NATS_CLUSTER: Need = { missing: () => missingFile(NEWER_NATS.path) };
export const NGINX_PROXY: Need = { missing: () => missingFile(NGINX.path) };
export const FAKETIME: Need = { missing: () => missingFile(FAKETIME_LIBRARY) };

/** A root user in a container may lack these rights, so they are tried. */
export const MOUNTS: Need = {
  missing: () =>
    tried("to mount a disk", async () => {
      await using disk = await SmallDisk.mount(1);
      if (disk === null) throw new Error("see above");
    }),
};

export const NAMESPACES: Need = {
  missing: () =>
    tried("network namespaces", async () => {
      await using network = await Network.open();
      await network.isolate(0);
    }),
};

/** Resolves with the first reason why a fault cannot be inflicted here with a journal, or with null. */
export async function missingFor(needs: readonly Need[], journal: JournalName): Promise<string | null> {
  for (const need of journal === "nats" ? [NATS, ...needs] : needs) {
    const reason = await need.missing();
    if (reason !== null) return reason;
  }
  return null;
}

async function missingFile(path: string): Promise<string | null> {
  try {
    await Deno.stat(path);
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `${path} does not exist`;
    throw error;
  }
}

async function tried(what: string, act: () => Promise<void>): Promise<string | null> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return `it needs ${what}: Linux and root`;
  try {
    await act();
    return null;
  } catch (error) {
    return `it needs ${what}: ${error instanceof Error ? error.message.trim() : error}`;
  }
}
