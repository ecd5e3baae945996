/** Tests limits of rates with workers: within a heartbeat, they are those of one isolate. */

import { assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { Isolates } from "./isolates.ts";
import { Tab } from "./tab.ts";

const NEVER = "0.01"; // a token comes back after 100 seconds, so not during a test
const NUMBERS = Array.from({ length: 40 }, (_, number) => number);

Deno.test("Workers share the limits of keys and of new connections within a heartbeat", async () => {
  await using isolates = await Isolates.start({
    TIDINGS_KEY_LIMITS: `notifications=${NEVER}:30`,
    TIDINGS_CONNECTION_LIMIT: `${NEVER}:6`,
  });
  await isolates.notify(NUMBERS.slice(0, 12).map((data) => ({ target: "alexander", data })));
  await eventually(async () => {
    const answers = await Promise.all(NUMBERS.map(() => isolates.request("/v1/key")));
    return answers.every(({ headers }) => headers.get("ratelimit")?.includes('"key-notifications";r=18'));
  }, "every isolate has 18 left");
  for (let tabs = 0; tabs < 6; tabs++) await Tab.open(isolates.port, { target: "burr" });
  await eventually(async () => {
    const statuses = await Promise.all(NUMBERS.map(() => isolates.request("/v1/connect?target=burr")));
    return statuses.every(({ status }) => status === 429);
  }, "no isolate accepts more connections");
});

Deno.test("Workers share the limits of addresses within a heartbeat", async () => {
  await using isolates = await Isolates.start({
    TIDINGS_PUBLISHER_KEYS: "short",
    TIDINGS_TOKEN_SECRET: "t".repeat(32),
    TIDINGS_ADDRESS_LIMITS: `attempts=${NEVER}:${NUMBERS.length}`,
  });
  const statusWith = async (key: string) =>
    (await isolates.request("/v1/key", { headers: { authorization: `Bearer ${key}` } })).status;
  for (const _ of NUMBERS) assertEquals(await statusWith("wrong"), 401);
  await eventually(async () => {
    const statuses = await Promise.all(NUMBERS.map(() => statusWith("short")));
    return statuses.every((status) => status === 429);
  }, "every isolate refuses a short key");
});
