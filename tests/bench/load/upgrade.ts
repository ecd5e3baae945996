/** Upgrades a TCP connection to a WebSocket by hand. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface UpgradeRequest {
  readonly port: number;
  readonly path: string;
  /** The token of a tab, or the key of a publisher; null if the header has none. */
  readonly credential: string | null;
}

/**
 * Resolves with the part of the buffer that has what the server has sent after its head. Rejects with the status line
 * if the server refuses.
 */
export async function upgrade(
  connection: Deno.TcpConn,
  { request, buffer }: { request: UpgradeRequest; buffer: Uint8Array },
): Promise<{ start: number; end: number }> {
  const bytes = encoder.encode(headOf(request));
  const sent = await connection.write(bytes);
  if (sent < bytes.length) throw new Error("the request for the upgrade was not written");
  for (let received = 0;;) {
    const count = await connection.read(buffer.subarray(received));
    if (count === null) throw new Error("the server closed the connection");
    received += count;
    const head = decoder.decode(buffer.subarray(0, received));
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) continue;
    if (!head.startsWith("HTTP/1.1 101")) throw new Error(head.slice(0, head.indexOf("\r\n")));
    return { start: end + 4, end: received };
  }
}

function headOf({ port, path, credential }: UpgradeRequest): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "upgrade: websocket",
    "connection: Upgrade",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ...(credential === null ? [] : [`authorization: Bearer ${credential}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
