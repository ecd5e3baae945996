/** Tests of the shipped proxies with TLS and HTTP/2, as browsers use them. */

import { assertEquals } from "@std/assert";
import { freePort } from "../nats/nats_server.ts";
import { bearer } from "../http/auth/signed_token.ts";
import { PUBLISHER, startNode, token } from "./nodes.ts";
import { PROGRAMS, type ProxyProgram } from "./programs.ts";
import { Proxy } from "./proxy.ts";

const CERTIFICATES = new URL("../nats/certificates/", import.meta.url).pathname;

interface Tls extends AsyncDisposable {
  readonly url: string;
  fetch(path: string, init?: RequestInit): Promise<{ status: number; body: string }>;
}

/** Uncomments the lines for TLS, with a port and certificates of the test. */
function withTls(text: string, port: number, bundle: string): string {
  return text
    .replaceAll(/# (listen 443|ssl_certificate|bind :443)/g, "$1").replaceAll(
      /(listen |bind :)443/g,
      `$1${port}`,
    )
    .replace(/\/etc\/\S+\.key/, `${CERTIFICATES}server-key.pem`).replace(/\/etc\/\S+\.pem/, bundle)
    .replace(
      /^:(\d+) \{([^]*)/m,
      (_, plain, site) => caddySites(plain, `https://127.0.0.1:${port}`, site, bundle),
    )
    .replace("admin off", "admin off\n\tauto_https disable_redirects");
}

/** Returns the site of the Caddyfile twice: with TLS, and without, so that the test can wait until Caddy is ready. */
function caddySites(plain: string, url: string, site: string, bundle: string): string {
  const tls = `tls ${bundle} ${CERTIFICATES}server-key.pem`;
  return `(site) {${site}\nhttp://:${plain} {\nimport site\n}\n${url} {\n${tls}\nimport site\n}\n`;
}

async function start(program: ProxyProgram, node: number): Promise<Tls> {
  const port = freePort(), bundle = await Deno.makeTempFile({ suffix: ".pem" });
  const [certificate, key, ca] = await Promise.all(
    ["server.pem", "server-key.pem", "ca.pem"].map((file) => Deno.readTextFile(`${CERTIFICATES}${file}`)),
  );
  await Deno.writeTextFile(bundle, `${certificate}${key}`);
  const proxy = await Proxy.start(program, [node, node, node], (text) => withTls(text, port, bundle));
  const client = Deno.createHttpClient({ caCerts: [ca ?? ""], http1: false, http2: true });
  const url = `https://127.0.0.1:${port}`;
  return {
    url,
    async fetch(path, init) {
      const response = await fetch(`${url}${path}`, { ...init, client });
      return { status: response.status, body: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await proxy[Symbol.asyncDispose]();
      await Deno.remove(bundle);
    },
  };
}

for (const program of PROGRAMS) {
  const { name, test } = program;

  test(`${name} forwards requests with long tokens over HTTP/2`, async () => {
    await using node = await startNode();
    await using proxy = await start(program, node.port);
    const body = JSON.stringify({ target: "alexander", data: "Hello" });
    assertEquals((await proxy.fetch("/v1/notify", { method: "POST", headers: PUBLISHER, body })).status, 202);
    const long = bearer(await token("alexander", { groups: "g".repeat(12_000) }));
    const received = { method: "POST", headers: { ...long, origin: proxy.url }, body: "[]" };
    assertEquals((await proxy.fetch("/v1/received", received)).status, 422); // because the list is empty
  });

  test(`${name} answers over HTTP/2 why a WebSocket was refused`, async () => {
    await using node = await startNode();
    await using proxy = await start(program, node.port);
    const upgradeRequired = await proxy.fetch("/v1/connect", { headers: bearer(await token("alexander")) });
    assertEquals(upgradeRequired.status, 426, upgradeRequired.body);
    assertEquals((await proxy.fetch("/v1/connect", { headers: bearer("x") })).status, 401);
  });
}
