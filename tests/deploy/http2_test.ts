/** Tests of the shipped proxies with TLS and HTTP/2, as browsers use them. */

import { assertEquals } from "@std/assert";
import { bearer } from "../http/auth/signed_token.ts";
import { PUBLISHER, startNode, token } from "./nodes.ts";
import { PROGRAMS } from "./programs.ts";
import { TlsProxy } from "./tls_proxy.ts";

for (const program of PROGRAMS) {
  const { name, test } = program;

  test(`${name} forwards requests with long tokens over HTTP/2`, async () => {
    await using node = await startNode();
    await using proxy = await TlsProxy.start(program, node.port);
    const body = JSON.stringify({ target: "alexander", data: "Hello" });
    assertEquals((await proxy.fetch("/v1/notify", { method: "POST", headers: PUBLISHER, body })).status, 202);
    const long = bearer(await token("alexander", { groups: "g".repeat(12_000) }));
    const received = { method: "POST", headers: { ...long, origin: proxy.url }, body: "[]" };
    assertEquals((await proxy.fetch("/v1/received", received)).status, 422); // because the list is empty
  });

  test(`${name} answers over HTTP/2 why a WebSocket was refused`, async () => {
    await using node = await startNode();
    await using proxy = await TlsProxy.start(program, node.port);
    const upgradeRequired = await proxy.fetch("/v1/connect", { headers: bearer(await token("alexander")) });
    assertEquals(upgradeRequired.status, 426, upgradeRequired.body);
    assertEquals((await proxy.fetch("/v1/connect", { headers: bearer("x") })).status, 401);
  });
}
