/** A proxy that serves a service below `/push/`, and nothing else. `Host` and upgrades reach the service unchanged. */

const PATH = "/push";

export class PathProxy implements AsyncDisposable {
  /** The first lines of the requests that were outside of the path. */
  readonly outside: string[] = [];
  readonly #servicePort: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;

  constructor(servicePort: number) {
    this.#servicePort = servicePort;
    this.#serving = this.#serve();
  }

  /** The URL of the service, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}${PATH}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const connections: Promise<void>[] = [];
    for await (const client of this.#listener) connections.push(this.#forward(client));
    await Promise.all(connections);
  }

  /** Forwards a single request, or a WebSocket. The next request needs another connection. */
  async #forward(client: Deno.TcpConn): Promise<void> {
    this.#open.add(client);
    const received = await readHead(client);
    const head = withoutPath(received);
    if (head === null) {
      if (received !== "") this.outside.push(received.slice(0, received.indexOf("\r\n")));
      await write(client, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return close(client);
    }
    const service = await Deno.connect({ hostname: "127.0.0.1", port: this.#servicePort });
    this.#open.add(service);
    await write(service, head);
    await Promise.all([pipe(client, service), pipe(service, client)]);
    this.#open.delete(client);
    this.#open.delete(service);
  }
}

/** Returns null if the path of the request is not below that of the proxy. */
function withoutPath(head: string): string | null {
  const [, method, path, rest = ""] = /^(\S+) \/push(\/\S*)([^]*)$/.exec(head) ?? [];
  if (path === undefined) return null;
  if (/\r\nupgrade: /i.test(rest)) return `${method} ${path}${rest}`;
  const others = rest.replace(/\r\nconnection: .*/i, "");
  return `${method} ${path}${others.replace("\r\n", "\r\nconnection: close\r\n")}`;
}

/** Resolves with what has arrived when the head is complete. Browsers send ASCII, and the tests no large bodies. */
async function readHead(client: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const size = await client.read(buffer).catch(() => null);
    if (size === null) return head;
    head += String.fromCharCode(...buffer.subarray(0, size));
  }
  return head;
}

/** Each character is a byte. */
async function write(to: Deno.TcpConn, head: string): Promise<void> {
  await writeAll(to, Uint8Array.from(head, (character) => character.charCodeAt(0))).catch(() => {});
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
}

async function pipe(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
      await writeAll(to, buffer.subarray(0, size));
    }
  } catch {
    // One end is gone, so the other is closed too.
  }
  close(from);
  close(to);
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // The connection is closed already.
  }
}
