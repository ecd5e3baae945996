/** What tests of erasures share: everything that a service can have of a target, and what is left of it. */

import { assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import type { PushDevices } from "./push_devices.ts";
import { Tab } from "./tab.ts";
import type { TestService } from "./test_service.ts";

export const NAME = "alexander-of-nevis";
/** A word of everything that is published for the target. */
export const SECRET = "the-reynolds-pamphlet";
const LATER = new Date(Date.now() + 3_600_000).toISOString();

/** Publishes for the target, alone and among others, now and later, and has it read and subscribe. */
export async function fill(service: TestService, devices: PushDevices): Promise<void> {
  await devices.subscribe(service.url, { target: NAME });
  await devices.subscribe(service.url, { target: "eliza" });
  const data = { title: SECRET };
  await service.notify([
    { target: NAME, data, id: "one", push: { after: 600 } },
    { target: NAME, data, topic: "t" },
    { targets: [NAME, "eliza"], data: "for both", id: "both", push: { after: 600 } },
    { everyone: true, data: "for everyone" },
    { target: NAME, data, at: LATER, id: "later" },
    {
      targets: [NAME, "eliza"],
      data: "later for both",
      at: LATER,
      id: "later-for-both",
      push: { after: 600 },
    },
  ]);
  const { tab, welcome } = await Tab.open(service.port, { target: NAME, after: "earliest" });
  assertEquals(welcome.type, "welcome");
  for (let read = 0; read < 4; read++) {
    const { data, position } = await tab.next();
    if (data === "for everyone") tab.send(JSON.stringify({ type: "read", positions: [position] }));
  }
  tab.send(JSON.stringify({ type: "ack", ids: ["both"] }));
  await eventually(async () => await unreadOf(service) === 3, "the mark");
  await tab.close();
}

async function unreadOf(service: TestService): Promise<number> {
  return (await (await fetch(`${service.url}/v1/inbox?target=${NAME}`)).json()).unread;
}

/** Erases the target, which may be answered with 503 while others write to the same. */
export async function erase(service: TestService, target = NAME): Promise<void> {
  const response = await fetch(`${service.url}/v1/targets/${target}`, { method: "DELETE" });
  assertEquals([response.status, await response.text()], [204, ""]);
}

/** What the routes tell of a target: its notifications, what is unread, its devices, and what is scheduled. */
export async function remainsOf(service: TestService, target: string): Promise<unknown> {
  const get = async (path: string) => await (await fetch(`${service.url}/v1/${path}`)).json();
  const { unread } = await get(`targets/${target}/notifications`);
  const { subscriptions } = await get(`targets/${target}/push`);
  return { kept: await keptOf(service, target), unread, subscriptions };
}

/** The data of all notifications that a target has. */
export async function keptOf(service: TestService, target: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let after = "earliest", isMore = true; isMore;) {
    const response = await fetch(`${service.url}/v1/targets/${target}/notifications?after=${after}`);
    const { notifications, next, more } = await response.json();
    all.push(...notifications.map(({ data }: { data: unknown }) => data));
    [after, isMore] = [next, more];
  }
  return all;
}

/** The ids of these that are still scheduled. */
export async function scheduledOf(service: TestService, ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const id of ids) {
    const response = await fetch(`${service.url}/v1/notifications/${id}`);
    const { scheduled_at } = await response.json();
    if (scheduled_at !== undefined) found.push(id);
  }
  return found;
}
