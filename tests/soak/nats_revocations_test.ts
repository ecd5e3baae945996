/** Tests in the heap of a node on NATS that what reads revocations remembers none. */

import { assertEquals, assertGreater } from "@std/assert";
import { PUBLISHER, PUBLISHER_KEY } from "../deploy/nodes.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { TOKEN_SECRET } from "../http/auth/signed_token.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { type Census, censusOf } from "./look/census.ts";
import { Inspector } from "./look/inspector.ts";

const REVOCATIONS = 50;

function heldBy(owner: string, { collections }: Census): number {
  return [...collections].reduce((sum, [name, held]) => name.startsWith(`${owner}.`) ? sum + held : sum, 0);
}

test("RevocationFollower keeps nothing of the revocations that it reads", async () => {
  await using nats = await NatsServer.started();
  const environment = {
    TIDINGS_JOURNAL: nats.url(),
    TIDINGS_PUBLISHER_KEYS: PUBLISHER_KEY,
    TIDINGS_TOKEN_SECRET: TOKEN_SECRET,
  };
  await using first = await ServiceProcess.start(environment);
  for (let n = 0; n < REVOCATIONS; n++) {
    const body = JSON.stringify({ jti: `token ${n}` });
    const response = await fetch(`${first.url}/v1/revocations`, { method: "POST", headers: PUBLISHER, body });
    assertEquals(response.status, 200, await response.text());
  }
  await using second = await ServiceProcess.start(environment, { inspect: true }); // it reads all of them first
  await second.waitForOutput("chrome://inspect");
  await using inspector = await Inspector.connect(second.inspectorUrl ?? "");
  const census = censusOf(await inspector.heapSnapshot());
  assertGreater(heldBy("RevocationIndex", census), REVOCATIONS);
  assertEquals(heldBy("RevocationFollower", census), 0);
});
