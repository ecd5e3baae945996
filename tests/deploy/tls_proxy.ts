/** A proxy with TLS and HTTP/2, in front of one node. */

import { freePort } from "../nats/nats_server.ts";
import type { ProxyProgram } from "./programs.ts";
import { Proxy } from "./proxy.ts";

/** The folder with the certificates of the tests. */
export const CERTIFICATES = new URL("../nats/certificates/", import.meta.url).pathname;

export class TlsProxy implements AsyncDisposable {
  readonly url: string;
  readonly #proxy: Proxy;
  readonly #client: Deno.HttpClient;
  readonly #bundle: string;

  private constructor(
    port: number,
    { proxy, client, bundle }: { proxy: Proxy; client: Deno.HttpClient; bundle: string },
  ) {
    this.url = `https://127.0.0.1:${port}`;
    this.#proxy = proxy;
    this.#client = client;
    this.#bundle = bundle;
  }

  static async start(program: ProxyProgram, node: number): Promise<TlsProxy> {
    const port = freePort(), bundle = await Deno.makeTempFile({ suffix: ".pem" });
    const [certificate, key, ca] = await Promise.all(
      ["server.pem", "server-key.pem", "ca.pem"].map((file) => Deno.readTextFile(`${CERTIFICATES}${file}`)),
    );
    await Deno.writeTextFile(bundle, `${certificate}${key}`);
    const proxy = await Proxy.start(program, [node, node, node], (text) => withTls(text, port, bundle));
    const client = Deno.createHttpClient({ caCerts: [ca ?? ""], http1: false, http2: true });
    return new TlsProxy(port, { proxy, client, bundle });
  }

  async fetch(path: string, init?: RequestInit): Promise<{ status: number; body: string }> {
    const response = await fetch(`${this.url}${path}`, { ...init, client: this.#client });
    return { status: response.status, body: await response.text() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.#proxy[Symbol.asyncDispose]();
    await Deno.remove(this.#bundle);
  }
}

/** Uncomments the lines for TLS, with a port and certificates of the test. */
function withTls(text: string, port: number, bundle: string): string {
  return text
    .replace(/^ {4}# - name: tls\n(?: {4}# .*\n)+/m, (listener) => listener.replaceAll("    # ", "    "))
    .replaceAll(/# (listen 443|ssl_certificate|bind :443)/g, "$1").replaceAll(
      /(listen |bind :|port_value: )443\b/g,
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
