/** A NATS server of a version that is fit for several servers: an older one diverges if the network is partitioned. */

import { findProgram, type TestProgram } from "../find_program.ts";

export const NEWER_NATS: TestProgram = findProgram("NATS 2.12", {
  variable: "NATS_SERVER_2_12",
  defaultPath: `${Deno.env.get("HOME") ?? ""}/go/bin/nats-server`,
});
