/** Tests of request heads at the shipped proxies: their size, the Host header, and the time that they may take. */

import { assert, assertEquals } from "@std/assert";
import { RawSocket } from "../end_to_end/raw_socket.ts";
import { queryOf, startNode, token } from "./nodes.ts";
import { PROGRAMS } from "./programs.ts";
import { Proxy } from "./proxy.ts";
import { rawRequest, unfinished } from "./raw_request.ts";
import { FakeNode } from "./fake_node.ts";

/** Returns claims that make a token of at least this many characters. */
function claimsOf(characters: number): Record<string, unknown> {
  return { groups: "g".repeat(characters * 3 / 4) };
}

for (const program of PROGRAMS) {
  const { name, test, shortenRequestTimeouts, limitsBodies } = program;

  for (const characters of [9_000, 20_000, 60_000]) {
    test(`${name} forwards tokens of ${characters} characters in a protocol, a header and the query`, async () => {
      await using node = await startNode();
      await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
      const jwt = await token("alexander", claimsOf(characters));
      assert(jwt.length >= characters);
      using _inProtocol = await RawSocket.connect(proxy.port, "/v1/connect", {
        "sec-websocket-protocol": `tidings.v1, tidings.bearer.${jwt}`,
      });
      using _inHeader = await RawSocket.connect(proxy.port, "/v1/connect", {
        authorization: `Bearer ${jwt}`,
      });
      using _inQuery = await RawSocket.connect(proxy.port, `/v1/connect?access_token=${jwt}`);
      await node.waitForConnections(3);
    });
  }

  test(`${name} forwards a hundred headers`, async () => {
    await using node = new FakeNode(() => new Response(null, { status: 202 }));
    await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
    const headers = Array.from({ length: 100 }, (_, n) => `X-${n}: ${n}`);
    const { status } = await rawRequest(proxy.port, ["GET /any HTTP/1.1", "Host: here", ...headers]);
    assertEquals([status, node.requests[0]?.headers.get("x-99")], [202, "99"]);
  });

  test(`${name} refuses a Host header that is not a host, without a request to a node`, async () => {
    await using node = new FakeNode(() => new Response(null, { status: 202 }));
    await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
    for (
      const host of [
        "x/console?",
        "x?",
        "x#",
        "x/metrics#",
        "x/v1/targets/alexander?",
        "x\\console",
        "x/console",
      ]
    ) {
      const { status } = await rawRequest(proxy.port, ["GET /any HTTP/1.1", `Host: ${host}`]);
      assertEquals(status, 400, host);
    }
    assertEquals((await rawRequest(proxy.port, ["GET /any HTTP/1.1"])).status, 400);
    assertEquals(node.requests, []);
    for (const host of ["push.example.com", "push.example.com:8000", "127.0.0.1", "[::1]:8000"]) {
      const { status } = await rawRequest(proxy.port, ["GET /any HTTP/1.1", `Host: ${host}`]);
      assertEquals(status, 202, host);
    }
  });

  for (
    const [what, text] of [["nothing", ""], ["half a head", "GET /v1/events HTTP/1.1\r\nHost: here\r\nX-A: "]]
  ) {
    test(`${name} disconnects a client that sends ${what}`, async () => {
      await using node = new FakeNode(() => new Response(null, { status: 202 }));
      await using proxy = await Proxy.start(
        program,
        [node.port, node.port, node.port],
        shortenRequestTimeouts,
      );
      const { status } = await unfinished(proxy.port, text ?? "");
      assert([0, 400, 408].includes(status), `${status}`);
      assertEquals(node.requests, []);
    });
  }

  if (limitsBodies) {
    test(`${name} disconnects a client that sends half a body`, async () => {
      await using node = new FakeNode(() => new Response(null, { status: 202 }));
      await using proxy = await Proxy.start(
        program,
        [node.port, node.port, node.port],
        shortenRequestTimeouts,
      );
      const head = "POST /v1/notify HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{";
      const { status } = await unfinished(proxy.port, head);
      assert([0, 408].includes(status), `${status}`);
      assertEquals(node.requests, []);
    });
  }

  test(`${name} keeps a tab for longer than a request may take`, async () => {
    await using node = await startNode();
    await using proxy = await Proxy.start(program, [node.port, node.port, node.port], shortenRequestTimeouts);
    using tab = await RawSocket.connect(
      proxy.port,
      `/v1/connect?${new URLSearchParams(await queryOf("alexander"))}`,
    );
    assertEquals((await tab.messages())?.length, 1);
    await unfinished(proxy.port, ""); // takes longer than a request may
    await tab.send(9, "ping");
    assertEquals((await tab.receive())?.opcode, 10);
  });
}
