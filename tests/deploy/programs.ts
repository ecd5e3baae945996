/** The proxies whose configurations the project ships: how a test starts each, and what it changes. */

import { findProgram, type TestProgram } from "../find_program.ts";

/** The folder with the shipped configurations. */
export const SHIPPED = new URL("../../deploy/proxy/", import.meta.url);

/** How to start a proxy, and what a test changes in its configuration. */
export interface ProxyProgram extends TestProgram {
  readonly name: string;
  readonly config: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether it checks the health of the nodes itself. */
  readonly checksHealth: boolean;
  args(config: string, folder: string): readonly string[];
  adapt(text: string, folder: string): string;
  /** Shortens the time after which it drops a peer that does not read; null if it never drops one. */
  readonly shortenTimeouts: ((text: string) => string) | null;
  /** Shortens the time in which a client must send a request. */
  readonly shortenRequestTimeouts: (text: string) => string;
  /** Whether it limits the time for bodies too. */
  readonly limitsBodies: boolean;
  /** Whether it removes the offer of a WebSocket from a request with a body, or refuses such a request. */
  readonly removesOffers: boolean;
}

export const NGINX: ProxyProgram = {
  name: "nginx",
  ...findProgram("nginx", { variable: "NGINX", defaultPath: "/usr/sbin/nginx" }),
  config: "nginx.conf",
  environment: {},
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
  shortenRequestTimeouts: (text) => text.replaceAll(/(client_(header|body)_timeout) 10s/g, "$1 100ms"),
  limitsBodies: true,
  removesOffers: true,
};

export const HAPROXY: ProxyProgram = {
  name: "HAProxy",
  ...findProgram("HAProxy", { variable: "HAPROXY", defaultPath: "/usr/sbin/haproxy" }),
  config: "haproxy.cfg",
  environment: { WEBSOCKET_MESSAGES_LUA: new URL("websocket_messages.lua", SHIPPED).pathname },
  checksHealth: true,
  args: (config) => ["-db", "-f", config],
  adapt: (text) =>
    text.replace("maxconn 100000", "maxconn 500").replace("inter 1s", "inter 20ms")
      // By default, an answer has to arrive before the next check.
      .replace("defaults\n", "defaults\n    timeout check 10s\n"),
  shortenTimeouts: (text) => text.replace(/(timeout (client|tunnel)) 75s/g, "$1 200ms"),
  shortenRequestTimeouts: (text) => text.replace("timeout http-request 10s", "timeout http-request 100ms"),
  limitsBodies: true,
  removesOffers: true,
};

export const CADDY: ProxyProgram = {
  name: "Caddy",
  ...findProgram("Caddy", { variable: "CADDY", defaultPath: "/usr/bin/caddy" }),
  config: "Caddyfile",
  environment: {},
  checksHealth: true,
  args: (config) => ["run", "--adapter", "caddyfile", "--config", config],
  adapt: (text) =>
    text.replace("health_interval 1s", "health_interval 20ms").replace(
      "grace_period 10s",
      "grace_period 100ms",
    ),
  shortenTimeouts: null,
  shortenRequestTimeouts: (text) => text.replace("read_header 10s", "read_header 100ms"),
  limitsBodies: false,
  removesOffers: true,
};

export const ENVOY: ProxyProgram = {
  name: "Envoy",
  ...findProgram("Envoy", {
    variable: "ENVOY",
    defaultPath: `${Deno.env.get("HOME") ?? ""}/.local/bin/envoy`,
  }),
  config: "envoy.yaml",
  environment: {},
  checksHealth: true,
  args: (config) => ["-c", config, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"],
  adapt: (text) =>
    text.replaceAll("interval: 1s", "interval: 0.02s").replaceAll(
      "max_connections: 100000",
      "max_connections: 500",
    ),
  shortenTimeouts: (text) => text.replace("stream_idle_timeout: 75s", "stream_idle_timeout: 1s"),
  shortenRequestTimeouts: (text) =>
    text.replace("request_headers_timeout: 10s", "request_headers_timeout: 0.1s")
      .replace("idle_timeout: 30s", "idle_timeout: 0.1s"),
  limitsBodies: false,
  removesOffers: false,
};

export const PROGRAMS: readonly ProxyProgram[] = [NGINX, HAPROXY, CADDY, ENVOY];

/** Uncomments the lines of a configuration that serve Tidings below the prefix `/push/`. */
export function withPrefix(text: string): string {
  return text.replaceAll(/^(\s*)# (.*\/push\b(?!\.).*)$/gm, "$1$2");
}
