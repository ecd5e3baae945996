/** Tests of the deployment of several nodes: its files name the same nodes and NATS servers. */

import { assert, assertEquals } from "@std/assert";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";
import { NATS_SERVER, test } from "../nats/nats_server.ts";
import { PROGRAMS } from "./programs.ts";

function readDeployed(path: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../deploy/${path}`, import.meta.url));
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set(Array.from(text.matchAll(pattern), ([, name = ""]) => name))].toSorted();
}

const compose = await readDeployed("compose.cluster.yaml");
const nodes = namesIn(compose, /^ {2}(tidings-\d):/gm);
const servers = namesIn(compose, /^ {2}(nats-\d):$/gm);

for (const { name, config } of PROGRAMS) {
  Deno.test(`The configuration of ${name} lists the nodes of compose.cluster.yaml`, async () => {
    assertEquals(
      namesIn(await readDeployed(`proxy/${config}`), /\b(tidings-\d)(?::|, port_value: )8000\b/g),
      nodes,
    );
  });
}

Deno.test("The nodes of compose.cluster.yaml replicate each notification to all of its NATS servers", () => {
  const url = parseNatsUrl(/TIDINGS_JOURNAL: (\S+)/.exec(compose)?.[1] ?? "");
  assert(url !== undefined);
  assertEquals(url.servers, servers.map((server) => `${server}:4222`));
  assertEquals(url.replicas, servers.length);
});

Deno.test("The NATS servers of compose.cluster.yaml have routes to each other", async () => {
  assertEquals(namesIn(await readDeployed("nats.conf"), /nats:\/\/(nats-\d):6222/g), servers);
  assertEquals(namesIn(compose, /NATS_NAME: (nats-\d)/g), servers);
});

test("NATS accepts nats.conf", async () => {
  const config = new URL("../../deploy/nats.conf", import.meta.url).pathname;
  const { success, stderr } = await new Deno.Command(NATS_SERVER.path, {
    args: ["-c", config, "-t"],
    env: { NATS_NAME: "nats-1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
});
