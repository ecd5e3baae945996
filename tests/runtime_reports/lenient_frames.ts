/**
 * Shows that Deno's WebSocket server accepts frames that RFC 6455 forbids, and any Sec-WebSocket-Key:
 *
 *     deno run --allow-net tests/runtime_reports/lenient_frames.ts
 */

const HELLO = new TextEncoder().encode("Hello");
const MASK = [0, 0, 0, 0];

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});

/** Opens a WebSocket, sends the bytes, and prints the first bytes of the answer in hexadecimal. */
async function print(
  what: string,
  { key = "dGhlIHNhbXBsZSBub25jZQ==", bytes }: { key?: string; bytes: number[] },
) {
  const client = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  const lines = [
    ...["GET / HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"],
    ...["Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${key}`, "", ""],
  ];
  await client.write(new TextEncoder().encode(lines.join("\r\n")));
  const chunk = new Uint8Array(1024);
  const head = new TextDecoder().decode(chunk.subarray(0, await client.read(chunk) ?? 0));
  await client.write(new Uint8Array(bytes));
  const answer = chunk.subarray(0, await client.read(chunk) ?? 0).slice(0, 8);
  console.log(`${what}: ${head.split("\r\n")[0]}, then ${answer.toHex() || "the end"}`);
  client.close();
}

await print("a frame without a mask", { bytes: [0x81, 5, ...HELLO] });
await print("a pong of 126 bytes, and a frame", {
  bytes: [0x8a, 0x80 | 126, 0, 126, ...MASK, ...new Uint8Array(126), 0x81, 0x85, ...MASK, ...HELLO],
});
await print("a close with a reason of 124 bytes", {
  bytes: [0x88, 0x80 | 126, 0, 126, ...MASK, 3, 0xe8, ...new Uint8Array(124).fill(42)],
});
await print("a key that is not 16 bytes", { key: "short", bytes: [0x81, 0x85, ...MASK, ...HELLO] });
await server.shutdown();
