/** Requests that `fetch` cannot send: with invalid hosts, and with unfinished heads. */

const encoder = new TextEncoder();

export interface RawResponse {
  readonly status: number;
  readonly text: string;
}

/** Sends a head and a body, and reads until the peer closes. */
export async function rawRequest(port: number, head: readonly string[], body = ""): Promise<RawResponse> {
  using connection = await Deno.connect({ port });
  const text = [...head, "Connection: close", "", body].join("\r\n");
  await writeAll(connection, text);
  return await responseOf(connection);
}

/** Sends the text and reads until the peer closes. The status is 0 if there was no response. */
export async function unfinished(port: number, text: string): Promise<RawResponse> {
  using connection = await Deno.connect({ port });
  if (text !== "") await writeAll(connection, text);
  return await responseOf(connection);
}

async function writeAll(connection: Deno.TcpConn, text: string): Promise<void> {
  const bytes = encoder.encode(text);
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

async function responseOf(connection: Deno.TcpConn): Promise<RawResponse> {
  const decoder = new TextDecoder(), chunk = new Uint8Array(64 * 1024);
  let text = "";
  for (;;) {
    const count = await connection.read(chunk).catch(() => null); // a reset ends it too
    if (count === null) break;
    text += decoder.decode(chunk.subarray(0, count), { stream: true });
  }
  return { status: Number(/^HTTP\/\S+ (\d+)/.exec(text)?.[1] ?? 0), text };
}
