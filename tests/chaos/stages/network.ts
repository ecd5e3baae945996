/** Three hosts on one machine: network namespaces of Linux, joined by a bridge. It needs root. */

import type { NatsHost } from "../../nats/nats_host.ts";
import { run } from "../run_program.ts";

/** A host has an address and a namespace of its own. */
export interface NetworkHost extends NatsHost {
  readonly namespace: string;
}

const COUNT = 3;
let networks = 0; // the kernel removes interfaces some time after their namespace, so no name is used again

export class Network implements AsyncDisposable {
  readonly hosts: readonly NetworkHost[];
  readonly #bridge: string;

  private constructor(name: string, subnet: string) {
    this.#bridge = name;
    this.hosts = Array.from({ length: COUNT }, (_, n) => {
      const namespace = `${name}-${n}`;
      return { hostname: `${subnet}.${n + 1}`, namespace, within: ["ip", "netns", "exec", namespace] };
    });
  }

  /** The names contain the id of this process, so that several runs do not meet. */
  static async open(): Promise<Network> {
    const subnet = `10.${200 + Deno.pid % 50}.${(Math.floor(Deno.pid / 50) + networks) % 250}`;
    const network = new Network(`td${Deno.pid}n${networks++}`, subnet);
    await network.#create(subnet);
    return network;
  }

  /** Lets no packet pass between a host and the other two, in either direction. This process reaches all of them. */
  async isolate(index: number): Promise<void> {
    const { namespace } = this.#host(index);
    for (const { hostname } of this.hosts.filter((_, n) => n !== index)) {
      await inside(namespace, "iptables", "--append", "INPUT", "--source", hostname, "--jump", "DROP");
      await inside(namespace, "iptables", "--append", "OUTPUT", "--destination", hostname, "--jump", "DROP");
    }
  }

  async heal(index: number): Promise<void> {
    await inside(this.#host(index).namespace, "iptables", "--flush");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { namespace } of this.hosts) await run("ip", "netns", "delete", namespace).catch(() => {});
    await run("ip", "link", "delete", this.#bridge).catch(() => {}); // it may not have been made
  }

  /** If a step fails, it removes what there is: a name that is left would outlive this process. */
  async #create(subnet: string): Promise<void> {
    const bridge = this.#bridge;
    try {
      await run("ip", "link", "add", bridge, "type", "bridge");
      await run("ip", "address", "add", `${subnet}.254/24`, "dev", bridge);
      await run("ip", "link", "set", bridge, "up");
      for (const host of this.hosts) await this.#join(host);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  #host(index: number): NetworkHost {
    const host = this.hosts[index];
    if (host === undefined) throw new Error(`there is no host ${index}`);
    return host;
  }

  async #join({ namespace, hostname }: NetworkHost): Promise<void> {
    const outer = `${namespace}o`, inner = "eth0";
    await run("ip", "netns", "add", namespace);
    await run("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", namespace);
    await run("ip", "link", "set", outer, "master", this.#bridge, "up");
    await inside(namespace, "ip", "address", "add", `${hostname}/24`, "dev", inner);
    await inside(namespace, "ip", "link", "set", inner, "up");
    await inside(namespace, "ip", "link", "set", "lo", "up");
  }
}

async function inside(namespace: string, ...command: string[]): Promise<void> {
  await run("ip", "netns", "exec", namespace, ...command);
}
