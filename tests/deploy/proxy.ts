/** A proxy that runs in front of a test's nodes, with the configuration that the project ships. */

import { assert } from "@std/assert";
import { eventually } from "../eventually.ts";
import { findProgram, type TestProgram } from "../find_program.ts";
import { freePort } from "../nats/nats_server.ts";

/** How to start a proxy, and what a test changes in its configuration. */
interface ProxyProgram extends TestProgram {
  readonly name: string;
  readonly config: string;
  /** Whether it checks the health of the nodes itself. */
  readonly checksHealth: boolean;
  args(config: string, folder: string): readonly string[];
  adapt(text: string, folder: string): string;
  /** Shortens the time after which it drops a peer that does not read; null if it never drops one. */
  readonly shortenTimeouts: ((text: string) => string) | null;
}

export const PROGRAMS: readonly ProxyProgram[] = [
  {
    name: "nginx",
    ...findProgram("nginx", { variable: "NGINX", defaultPath: "/usr/sbin/nginx" }),
    config: "nginx.conf",
    checksHealth: false,
    args: (config, folder) => ["-c", config, "-p", folder, "-e", "stderr", "-g", "daemon off;"],
    adapt(text, folder) {
      const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) =>
        `${kind}_temp_path ${folder}/${kind};`
      );
      return text.replace("/run/", `${folder}/`).replace("http {", `http {${folders.join(" ")}`)
        .replace(/worker_rlimit_nofile.*/, "").replace("worker_connections 50000", "worker_connections 500");
    },
    shortenTimeouts: (text) => text.replace("send_timeout 30s", "send_timeout 100ms"),
  },
  {
    name: "HAProxy",
    ...findProgram("HAProxy", { variable: "HAPROXY", defaultPath: "/usr/sbin/haproxy" }),
    config: "haproxy.cfg",
    checksHealth: true,
    args: (config) => ["-db", "-f", config],
    adapt: (text) =>
      text.replace("maxconn 100000", "maxconn 500").replace("inter 1s", "inter 20ms")
        // By default, an answer has to arrive before the next check.
        .replace("defaults\n", "defaults\n    timeout check 10s\n"),
    shortenTimeouts: (text) => text.replace(/(timeout (client|tunnel)) 75s/g, "$1 200ms"),
  },
  {
    name: "Caddy",
    ...findProgram("Caddy", { variable: "CADDY", defaultPath: "/usr/bin/caddy" }),
    config: "Caddyfile",
    checksHealth: true,
    args: (config) => ["run", "--adapter", "caddyfile", "--config", config],
    adapt: (text) => text.replace("health_interval 1s", "health_interval 20ms"),
    shortenTimeouts: null,
  },
];

export class Proxy implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #output = "";

  private constructor(program: ProxyProgram, { folder, port }: { folder: string; port: number }) {
    this.port = port;
    this.#folder = folder;
    this.#child = new Deno.Command(program.path, {
      args: [...program.args(`${folder}/${program.config}`, folder)],
      env: { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#reading = this.#read(this.#child.stderr);
  }

  /** Starts a proxy in front of the nodes on these ports. */
  static async start(
    program: ProxyProgram,
    nodes: readonly number[],
    shortenTimeouts: (text: string) => string = (text) => text,
  ): Promise<Proxy> {
    const port = freePort(), folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755); // nginx drops its privileges
    const shipped = await Deno.readTextFile(new URL(`../../deploy/proxy/${program.config}`, import.meta.url));
    const text = shipped.replaceAll(/tidings-(\d):8000/g, (_, n) => `127.0.0.1:${nodes[n - 1]}`)
      .replaceAll("8000", `${port}`);
    await Deno.writeTextFile(`${folder}/${program.config}`, shortenTimeouts(program.adapt(text, folder)));
    const proxy = new Proxy(program, { folder, port });
    await proxy.#waitUntilReady();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reading;
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #waitUntilReady(): Promise<void> {
    let hasExited = false;
    this.#child.status.then(() => hasExited = true);
    await eventually(async () => {
      const response = await fetch(`${this.url}/healthz`).catch(() => null);
      await response?.body?.cancel();
      assert(!hasExited, this.#output);
      return response?.ok ?? false;
    }, "an answer through the proxy");
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}
