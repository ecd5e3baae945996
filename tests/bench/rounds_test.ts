/** Tests of which servers a scenario measures. */

import { assertEquals } from "@std/assert";
import type { Peer } from "./peer.ts";
import { measureIn } from "./rounds.ts";
import { findScenario } from "./sample.ts";

Deno.test("measureIn leaves out servers that keep nothing, if tabs ask for what they missed", async () => {
  const peer: Peer = {
    name: "a server that keeps nothing",
    routes: {
      dialect: "tidings",
      connect: "/",
      notify: "/",
      many: "/",
      publish: null,
      lines: null,
      call: null,
    },
    checksSecrets: false,
    resumes: false,
    start: () => {
      throw new Error("it was started");
    },
  };
  const pin = (_core: number, command: readonly string[]) => command;
  const options = { peers: [peer], rounds: 1, pin, progress: () => {} };
  assertEquals(await measureIn([findScenario("catch-up")], options), []);
});
