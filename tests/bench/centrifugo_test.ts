/** Tests of finding the peer Centrifugo. */

import { assertRejects } from "@std/assert";
import { findCentrifugo } from "./centrifugo.ts";
import { NotInstalledError } from "./install.ts";

Deno.test("findCentrifugo rejects with NotInstalledError, which says how to install the program", async () => {
  await assertRejects(
    () => findCentrifugo("/nowhere/centrifugo"),
    NotInstalledError,
    "/nowhere/centrifugo does not exist. Install it with `go install",
  );
});
