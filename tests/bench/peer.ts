/** What the bench knows of a server that it can start: its routes, and its command. */

import type { Secrets, Server } from "./load/plan.ts";

/** A server that is installed. */
export interface Peer {
  readonly name: string;
  readonly routes: Routes;
  /** Whether it checks keys and tokens when it is started with secrets. */
  readonly checksSecrets: boolean;
  /** Whether it keeps notifications, and delivers what a tab missed. */
  readonly resumes: boolean;
  start(
    options: StartOptions,
  ): { readonly command: readonly string[]; readonly env?: Record<string, string> };
}

export type Routes = Omit<Server, "port" | "pid" | "secrets">;

/** How to start a server. The folder is empty, belongs to the server, and is removed afterwards. */
export interface StartOptions {
  readonly port: number;
  readonly folder: string;
  readonly secrets: Secrets | null;
}
