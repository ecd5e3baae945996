/** What Envoy does and other proxies do not: it passes on the WebSocket of publishers. */

import { assertEquals } from "@std/assert";
import { RawSocket } from "../end_to_end/raw_socket.ts";
import { PUBLISHER, startNode } from "./nodes.ts";
import { ENVOY } from "./programs.ts";
import { Proxy } from "./proxy.ts";

ENVOY.test("Envoy passes on the WebSocket of a publisher, for longer than a request may take", async () => {
  await using node = await startNode();
  const shorten = (text: string) => text.replace(/^( +timeout): 75s$/m, "$1: 0.05s");
  await using proxy = await Proxy.start(ENVOY, [node.port, node.port, node.port], shorten);
  using socket = await RawSocket.connect(proxy.port, "/v1/publish", {
    ...PUBLISHER,
    "sec-websocket-protocol": "tidings.publish.v1",
  });
  assertEquals((await socket.messages())?.length, 1);
  for (const id of ["1", "2"]) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    await socket.send(1, JSON.stringify({ target: "alexander", data: 1, id }));
    assertEquals((await socket.messages())?.map((answer) => answer.id), [id]);
  }
});
