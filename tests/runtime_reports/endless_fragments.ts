/**
 * Shows that a server cannot bound a WebSocket message that arrives in fragments, and that closing the socket does not
 * free what was collected. It needs 300 MB:
 *
 *     deno run --allow-net tests/runtime_reports/endless_fragments.ts
 */

const MEBIBYTE = 1024 * 1024;

/** Sends a text frame with the first fragment of a message, or a continuation of it. Neither ends the message. */
async function sendFragment(connection: Deno.TcpConn, { opcode }: { opcode: 0 | 1 }): Promise<void> {
  const head = [opcode, 128 | 127, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0]; // 1 MiB, masked with zeros
  const frame = new Uint8Array(head.length + MEBIBYTE).fill(97);
  frame.set(head);
  for (let sent = 0; sent < frame.length;) sent += await connection.write(frame.subarray(sent));
}

function print(what: string): void {
  console.log(`${Math.round(Deno.memoryUsage().rss / MEBIBYTE)} MiB resident: ${what}`);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500));
}

const sockets: WebSocket[] = [];
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = () => console.log("a message arrived"); // never printed
  sockets.push(socket);
  return response;
});

const client = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
const lines = [
  ...["GET / HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"],
  ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""],
];
await client.write(new TextEncoder().encode(lines.join("\r\n")));
await client.read(new Uint8Array(1024));

print("connected");
await sendFragment(client, { opcode: 1 });
for (let n = 1; n < 150; n++) await sendFragment(client, { opcode: 0 });
await pause();
print("150 MiB of one message were sent");
for (const socket of sockets) socket.close(1009);
await pause();
print("the server has closed the socket");
for (let n = 0; n < 100; n++) await sendFragment(client, { opcode: 0 });
await pause();
print("another 100 MiB were sent");
await server.shutdown();
await pause();
print("the server was shut down");
client.close();
