/** A proxy that runs for a test with the configuration that is shipped, before the nodes of the test. */

import { assert } from "@std/assert";
import { soon } from "../end_to_end/test_service.ts";
import { type Installed, installed } from "../installed.ts";
import { freePort } from "../nats/nats_server.ts";

/** How a proxy is started, and what a test has to have otherwise than a service. */
interface Program extends Installed {
  readonly name: string;
  readonly config: string;
  /** It asks nodes itself how they are. */
  readonly asks: boolean;
  args(config: string, folder: string): readonly string[];
  adapt(text: string, folder: string): string;
  /** Cuts a peer that takes nothing after a moment, and not after half a minute; null: it never cuts one. */
  readonly hurry: ((text: string) => string) | null;
}

export const PROGRAMS: readonly Program[] = [
  {
    name: "nginx",
    ...installed("nginx", { variable: "NGINX", at: "/usr/sbin/nginx" }),
    config: "nginx.conf",
    asks: false,
    args: (config, folder) => ["-c", config, "-p", folder, "-e", "stderr", "-g", "daemon off;"],
    adapt(text, folder) {
      const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((of) =>
        `${of}_temp_path ${folder}/${of};`
      );
      return text.replace("/run/", `${folder}/`).replace("http {", `http {${places.join(" ")}`)
        .replace(/worker_rlimit_nofile.*/, "").replace("worker_connections 50000", "worker_connections 500");
    },
    hurry: (text) => text.replace("send_timeout 30s", "send_timeout 100ms"),
  },
  {
    name: "HAProxy",
    ...installed("HAProxy", { variable: "HAPROXY", at: "/usr/sbin/haproxy" }),
    config: "haproxy.cfg",
    asks: true,
    args: (config) => ["-db", "-f", config],
    adapt: (text) =>
      text.replace("maxconn 100000", "maxconn 500").replace("inter 1s", "inter 20ms")
        .replace("defaults\n", "defaults\n    timeout check 10s\n"), // an answer has as long as to the next check otherwise
    hurry: (text) => text.replace(/(timeout (client|tunnel)) 75s/g, "$1 200ms"),
  },
  {
    name: "Caddy",
    ...installed("Caddy", { variable: "CADDY", at: "/usr/bin/caddy" }),
    config: "Caddyfile",
    asks: true,
    args: (config) => ["run", "--adapter", "caddyfile", "--config", config],
    adapt: (text) => text.replace("health_interval 1s", "health_interval 20ms"),
    hurry: null,
  },
];

export class Proxy implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #output = "";

  private constructor(program: Program, { folder, port }: { folder: string; port: number }) {
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

  /** A proxy that passes on what it is asked to the nodes on these ports. */
  static async started(
    program: Program,
    nodes: readonly number[],
    hurry: (text: string) => string = (text) => text,
  ): Promise<Proxy> {
    const port = freePort(), folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755); // nginx gives up its rights
    const shipped = await Deno.readTextFile(new URL(`../../deploy/proxy/${program.config}`, import.meta.url));
    const text = shipped.replaceAll(/tidings-(\d):8000/g, (_, n) => `127.0.0.1:${nodes[n - 1]}`)
      .replaceAll("8000", `${port}`);
    await Deno.writeTextFile(`${folder}/${program.config}`, hurry(program.adapt(text, folder)));
    const proxy = new Proxy(program, { folder, port });
    await proxy.#isReady();
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

  async #isReady(): Promise<void> {
    const { status } = this.#child;
    for (;;) {
      const response = await fetch(`${this.url}/healthz`).catch(() => null);
      await response?.body?.cancel();
      if (response?.ok) return;
      const isOver = await Promise.race([status.then(() => true), soon().then(() => false)]);
      assert(!isOver, this.#output);
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}
