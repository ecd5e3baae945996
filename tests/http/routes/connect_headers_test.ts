/** connect: the headers of an upgrade in every form that clients write them in. */

import { assertEquals } from "@std/assert";
import { signedToken } from "../auth/signed_token.ts";
import { TestServer } from "../test_server.ts";

const JWT = await signedToken({ sub: "alexander" });
const TOKEN = `tidings.bearer.${JWT}`;
const UPGRADE = ["Connection: Upgrade", "Upgrade: websocket"];

/** Upgrades with these lines, and returns the subprotocol that the server chose. Fails if it refuses. */
async function upgrade(server: TestServer, lines: readonly string[]): Promise<string | undefined> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const head = [
    "GET /v1/connect HTTP/1.1",
    "Host: push.example",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...lines,
  ];
  await socket.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
  let answer = "";
  for await (const chunk of socket.readable.pipeThrough(new TextDecoderStream())) {
    answer += chunk;
    if (answer.includes("\r\n\r\n")) break;
  }
  assertEquals(answer.slice(0, 12), "HTTP/1.1 101", lines.join(" | "));
  return /^sec-websocket-protocol: *(.*?)\r$/im.exec(answer)?.[1];
}

for (
  const lines of [
    [`Sec-WebSocket-Protocol: tidings.v1, ${TOKEN}`],
    [`Sec-WebSocket-Protocol: tidings.v1,${TOKEN}`],
    [`Sec-WebSocket-Protocol:${TOKEN},tidings.v1`],
    [`Sec-WebSocket-Protocol: tidings.v1 ,\t${TOKEN}`],
    [`Sec-WebSocket-Protocol: ,chat,,tidings.v1,,${TOKEN},`],
    ["Sec-WebSocket-Protocol: tidings.v1", `Sec-WebSocket-Protocol: ${TOKEN}`],
    [`Sec-WebSocket-Protocol: chat,${TOKEN}`, "sec-websocket-protocol:\ttidings.v1"],
    ["Sec-WebSocket-Protocol: chat,tidings.v1", `Authorization: Bearer ${JWT}`],
  ]
) {
  Deno.test(`connect chooses tidings.v1 from ${lines.join(" | ").replaceAll(JWT, "TOKEN")}`, async () => {
    await using server = new TestServer();
    assertEquals(await upgrade(server, [...UPGRADE, ...lines]), "tidings.v1");
  });
}

for (
  const lines of [
    ["Connection:keep-alive,Upgrade", "Upgrade:websocket"],
    ["Connection: ,upgrade ,\tkeep-alive", "Upgrade: WebSocket,h2c"],
    ["Connection: keep-alive", "Connection: Upgrade", "Upgrade: websocket", "Upgrade: h2c"],
    ["Connection: Upgrade", "Upgrade: ,h2c,\twebsocket,"],
  ]
) {
  Deno.test(`connect upgrades a request with ${lines.join(" | ")}`, async () => {
    await using server = new TestServer();
    assertEquals(await upgrade(server, [...lines, `Authorization: Bearer ${JWT}`]), undefined);
  });
}

Deno.test("connect survives an upgrade that Deno cannot do, and releases its slot", async () => {
  await using server = new TestServer({ config: { maxConnections: 1 } });
  const lines = ["Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket", `Authorization: Bearer ${JWT}`];
  for (let round = 0; round < 3; round++) await upgrade(server, lines);
  assertEquals(await upgrade(server, [...UPGRADE, `Authorization: Bearer ${JWT}`]), undefined);
});
