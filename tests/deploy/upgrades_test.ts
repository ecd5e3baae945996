/** Tests of upgrades at the shipped proxies: only those to a WebSocket reach a node, which refuses others with a body. */

import { assertEquals } from "@std/assert";
import { queryOf, startNode } from "./nodes.ts";
import { PROGRAMS } from "./programs.ts";
import { Proxy } from "./proxy.ts";
import { FakeNode } from "./fake_node.ts";

const BODY = JSON.stringify({ target: "alexander", data: "Hello" });
const LINES: Readonly<Record<string, readonly string[]>> = {
  "as Java's HttpClient does": [
    "Connection: Upgrade, HTTP2-Settings",
    "HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAABgAGAAA",
    "Upgrade: h2c",
  ],
  "to a WebSocket": ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
  "to anything": ["Connection: upgrade", "Upgrade: tls/1.2, h2c"],
};

const WEBSOCKET_KEY = ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: YSBrZXkgb2YgMTYgYnl0ZQ=="];
const WEBSOCKET = ["Connection: Upgrade", "Upgrade: websocket", ...WEBSOCKET_KEY];

async function connectRequest(): Promise<string> {
  return `GET /v1/connect?${new URLSearchParams(await queryOf("alexander"))}`;
}

function withUpgrade(port: number, request: string, lines: readonly string[], body = ""): Promise<string> {
  const length = body === "" ? [] : [`Content-Length: ${body.length}`];
  const head = [`${request} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...lines, ...length];
  return firstLine(port, [...head, "", body].join("\r\n"));
}

async function firstLine(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ port });
  await connection.write(new TextEncoder().encode(text));
  const chunk = new Uint8Array(4096);
  const count = await connection.read(chunk) ?? 0;
  return new TextDecoder().decode(chunk.subarray(0, count)).split("\r\n")[0] ?? "";
}

for (const program of PROGRAMS) {
  const { name, test, removesOffers } = program;

  for (const [how, lines] of Object.entries(LINES)) {
    if (how === "to a WebSocket" && !removesOffers) continue;
    test(`${name} forwards a POST that offers an upgrade ${how}, without the offer`, async () => {
      await using node = new FakeNode(() => new Response(null, { status: 202 }));
      await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
      const line = await withUpgrade(proxy.port, "POST /v1/notify", lines, BODY);
      assertEquals(line.split(" ")[1], "202");
      const offered = node.requests.map((
        { headers },
      ) => [headers.get("upgrade"), headers.get("http2-settings")]);
      assertEquals(offered, [[null, null]]);
    });
  }

  test(`${name} forwards only upgrades to a WebSocket, and only at /v1/connect`, async () => {
    await using node = await startNode();
    await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
    const connect = await connectRequest();
    for (
      const [upgrade, status] of [
        ["h2c", "426"],
        ["h2c, WebSocket", "101"],
        ["h2c,\twebsocket\t, tls/1.2", "101"],
        ["websocket", "101"],
      ]
    ) {
      const lines = ["Connection: Upgrade", `Upgrade: ${upgrade}`, ...WEBSOCKET_KEY];
      assertEquals((await withUpgrade(proxy.port, connect, lines)).split(" ")[1], status, upgrade);
    }
    assertEquals((await withUpgrade(proxy.port, "GET /healthz", WEBSOCKET)).split(" ")[1], "200");
  });

  test(`${name} removes the length of an upgrade that has no body, and only then`, async () => {
    await using node = await startNode();
    await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
    const connect = await connectRequest();
    const status = async (lines: readonly string[], body = "") =>
      (await withUpgrade(proxy.port, connect, lines, body)).split(" ")[1];
    const withoutBody = await status([...WEBSOCKET, "Content-Length: 0"]);
    assertEquals([withoutBody, await status(WEBSOCKET, "GET ")], ["101", "400"]);
  });
}
