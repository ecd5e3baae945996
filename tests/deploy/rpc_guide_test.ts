/** The guide to RPC: its commands publish, as they are, behind the proxy that it names. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { findProgram } from "../find_program.ts";
import { PUBLISHER_KEY, startNode } from "./nodes.ts";
import { ENVOY } from "./programs.ts";
import { Proxy } from "./proxy.ts";

const ROOT = new URL("../../", import.meta.url);
const guide = await Deno.readTextFile(new URL("deploy/RPC.md", ROOT));
const commands = Array.from(guide.matchAll(/^```sh\n([^]*?)```/gm), ([, command = ""]) => command);
const CURL = findProgram("curl", { variable: "CURL", defaultPath: "/usr/bin/curl" });
const GRPCURL = findProgram("grpcurl", {
  variable: "GRPCURL",
  defaultPath: `${Deno.env.get("HOME") ?? ""}/go/bin/grpcurl`,
});

for (const { name, test, path } of [{ name: "curl", ...CURL }, { name: "grpcurl", ...GRPCURL }]) {
  const define = ENVOY.test === Deno.test ? test : Deno.test.ignore;
  define(`The command of the guide to RPC for ${name} publishes through Envoy`, async () => {
    const command = commands.find((command) => command.startsWith(`${name} `)) ?? "";
    await using node = await startNode();
    await using proxy = await Proxy.start(ENVOY, [node.port, node.port, node.port]);
    const { success, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", command.replace(name, path).replace("localhost:8000", `127.0.0.1:${proxy.port}`)],
      cwd: ROOT,
      env: { KEY: PUBLISHER_KEY },
    }).output();
    const decoder = new TextDecoder();
    assertEquals(success, true, decoder.decode(stderr));
    assertStringIncludes(decoder.decode(stdout), '"position":');
  });
}
