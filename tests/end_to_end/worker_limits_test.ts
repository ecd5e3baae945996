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

Deno.test("Workers give a target as many connections as it may have, and not one more, whichever isolates accept them", async () => {
  await using isolates = await Isolates.start({ TIDINGS_MAX_CONNECTIONS_PER_TARGET: "2" });
  await using streams = new Streams(isolates.port);
  const statuses: number[] = [];
  for (const _ of NUMBERS) statuses.push(await streams.open("alexander"));
  assertEquals(statuses, [200, 200, ...Array(NUMBERS.length - 2).fill(429)]);
  const atOnce = await Promise.all(NUMBERS.map(() => streams.open("burr")));
  assertEquals(new Set(atOnce), new Set([200, 429]));
  assertEquals(atOnce.filter((status) => status === 200).length, 2);
});

/** Event streams that stay open, each over a connection of its own. */
class Streams implements AsyncDisposable {
  readonly #url: string;
  readonly #opened: { readonly client: Deno.HttpClient; readonly response: Response }[] = [];

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}/v1/events`;
  }

  /** Returns the status of the answer. */
  async open(target: string): Promise<number> {
    const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const response = await fetch(`${this.#url}?target=${target}`, { client });
    this.#opened.push({ client, response });
    return response.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, response } of this.#opened) {
      await response.body?.cancel();
      client.close();
    }
  }
}
