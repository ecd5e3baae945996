/** A server under measurement. Each measurement starts a new process. */

import { type Pin, SERVER_CORE } from "./cores.ts";
import { delay } from "./load/delay.ts";
import type { Secrets, Server } from "./load/plan.ts";
import type { Peer } from "./peer.ts";

export class ServerProcess implements AsyncDisposable {
  /** How the load reaches it. */
  readonly server: Server;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(server: Server, child: Deno.ChildProcess, folder: string) {
    this.server = server;
    this.#child = child;
    this.#folder = folder;
  }

  /** Starts a server, and resolves when it accepts connections. */
  static async start(
    peer: Peer,
    { pin, secrets }: { pin: Pin; secrets: Secrets | null },
  ): Promise<ServerProcess> {
    const port = freePort();
    const folder = await Deno.makeTempDir({ prefix: "bench-" });
    const { command, env = {} } = peer.start({ port, folder, secrets });
    const [program = "", ...args] = pin(SERVER_CORE, command);
    const child = new Deno.Command(program, { args, env, stdout: "null", stderr: "inherit" }).spawn();
    const server: Server = {
      port,
      pid: child.pid,
      ...peer.routes,
      secrets: peer.checksSecrets ? secrets : null,
    };
    const process = new ServerProcess(server, child, folder);
    let hasExited = false;
    child.status.then(() => hasExited = true);
    while (!await listens(port)) {
      if (!hasExited) await delay(20);
      else {
        await process[Symbol.asyncDispose]();
        throw new Error(`${peer.name} exited before it accepted a connection: ${command.join(" ")}`);
      }
    }
    return process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL"); // nothing that it stored is needed
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has exited by itself
    }
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Returns a port that is free at the moment. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function listens(port: number): Promise<boolean> {
  try {
    using _ = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
