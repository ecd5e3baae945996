/** A server that is measured, as a process of its own that is new for each measurement. */

import { type Pin, SERVER_CORE } from "./cores.ts";
import { delay } from "./load/delay.ts";
import type { Secrets, Server } from "./load/plan.ts";
import type { Peer } from "./peers.ts";

export class ServerProcess implements AsyncDisposable {
  /** For the load. */
  readonly server: Server;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(server: Server, child: Deno.ChildProcess, folder: string) {
    this.server = server;
    this.#child = child;
    this.#folder = folder;
  }

  /** One that takes connections. */
  static async started(
    peer: Peer,
    { pin, secrets }: { pin: Pin; secrets: Secrets | null },
  ): Promise<ServerProcess> {
    const port = freePort();
    const folder = await Deno.makeTempDir({ prefix: "bench-" });
    const { command, env = {} } = peer.start({ port, folder, secrets });
    const [program = "", ...args] = pin(SERVER_CORE, command);
    const child = new Deno.Command(program, { args, env, stdout: "null", stderr: "inherit" }).spawn();
    const server: Server = { port, pid: child.pid, ...peer.routes, secrets: peer.checks ? secrets : null };
    const process = new ServerProcess(server, child, folder);
    let hasEnded = false;
    child.status.then(() => hasEnded = true);
    while (!await listens(port)) {
      if (!hasEnded) await delay(20);
      else {
        await process[Symbol.asyncDispose]();
        throw new Error(`${peer.name} has ended before it took a connection: ${command.join(" ")}`);
      }
    }
    return process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL"); // what it might have kept is of no use to anybody
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended by itself
    }
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Until somebody else takes it. */
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
