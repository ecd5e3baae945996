/** A fake node that counts the bytes of WebSocket messages, and a client that sends frames in pieces of any size. */

import { assertEquals } from "@std/assert";
import { ReceivingChannel } from "../receiving_channel.ts";

/** A frame of a message. */
export interface Fragment {
  readonly size: number;
  readonly fin: boolean;
  /** Whether a ping precedes it. */
  readonly ping: boolean;
}

const UPGRADE = [
  "GET /v1/connect HTTP/1.1",
  "Host: tidings",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: YSBrZXkgb2YgMTYgYnl0ZQ==",
  "",
  "",
].join("\r\n");

export class FakeWebSocketNode implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #sizes = new ReceivingChannel<number>(1_000);

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      if (request.headers.get("upgrade") !== "websocket") return new Response();
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => this.#sizes.trySend(data.byteLength);
      return response;
    });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** Sends fragments through a proxy, the last one as the end of a message, and verifies the messages that arrive. */
  async exchange(proxyPort: number, fragments: readonly Fragment[], piece: number): Promise<void> {
    using connection = await Deno.connect({ port: proxyPort });
    connection.setNoDelay(true);
    await connection.write(new TextEncoder().encode(UPGRADE));
    await connection.read(new Uint8Array(4096));
    const { bytes, sizes } = encode(fragments);
    for (let sent = 0; sent < bytes.length;) {
      sent += await connection.write(bytes.subarray(sent, sent + piece));
      if (sent < 64) await new Promise((resolve) => setTimeout(resolve, 1)); // so that the first headers arrive in pieces
    }
    for (const size of sizes) assertEquals(await this.#sizes.receive(), size);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** Returns the bytes of the frames, and the sizes of the messages that they form. */
function encode(fragments: readonly Fragment[]): { bytes: Uint8Array; sizes: number[] } {
  const parts: number[][] = [], sizes: number[] = [];
  let size: number | undefined;
  fragments.forEach((fragment, index) => {
    const fin = fragment.fin || index === fragments.length - 1;
    if (fragment.ping) parts.push(header(0x89, 3), [1, 2, 3]);
    parts.push(header((fin ? 0x80 : 0) | (size === undefined ? 2 : 0), fragment.size));
    parts.push(Array.from({ length: fragment.size }, (_, n) => n & 255));
    size = (size ?? 0) + fragment.size;
    if (!fin) return;
    sizes.push(size);
    size = undefined;
  });
  return { bytes: Uint8Array.from(parts.flat()), sizes };
}

/** Returns the header of a client's frame, with a mask of zeros. */
function header(first: number, size: number): number[] {
  const length = size < 126
    ? [128 | size]
    : size < 65_536
    ? [254, size >> 8, size & 255]
    : [255, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (size >> shift) & 255)];
  return [first, ...length, 0, 0, 0, 0];
}
