/** A proxy that changes what passes through it, so that the server behind it breaks a rule. */

import { Buffer } from "node:buffer";

/** Changes what is sent, one character a byte. A text inside of a frame or a body must keep its length. */
export type Change = (text: string) => string;

export interface Fault {
  readonly toServer?: Change;
  readonly toClient?: Change;
}

export class FaultyProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #port: number;
  readonly #fault: Fault;
  readonly #serving: Promise<void>;

  constructor(port: number, fault: Fault) {
    this.#port = port;
    this.#fault = fault;
    this.#serving = this.#serve();
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#listener.addr.port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const forwarding: Promise<void>[] = [];
    for await (const client of this.#listener) forwarding.push(this.#forward(client));
    await Promise.all(forwarding);
  }

  async #forward(client: Deno.TcpConn): Promise<void> {
    this.#open.add(client);
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    this.#open.add(server);
    const { toServer, toClient } = this.#fault;
    await Promise.all([
      pipe(client, { to: server, change: toServer }),
      pipe(server, { to: client, change: toClient }),
    ]);
    this.#open.delete(client);
    this.#open.delete(server);
  }
}

/** Passes everything on, and closes both ends when one has ended. */
async function pipe(
  from: Deno.TcpConn,
  { to, change = (text) => text }: { to: Deno.TcpConn; change: Change | undefined },
): Promise<void> {
  const chunk = new Uint8Array(1024 * 1024);
  try {
    for (let count = await from.read(chunk); count !== null; count = await from.read(chunk)) {
      const bytes = Buffer.from(change(Buffer.from(chunk.subarray(0, count)).toString("latin1")), "latin1");
      for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
    }
  } catch {
    // One of the peers has gone, which ends both directions.
  } finally {
    close(from);
    close(to);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error; // it is closed already
  }
}
