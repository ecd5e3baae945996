/** Lets a node come to rest after a wave: what waits is delivered, what is kept expires, and connections are closed. */

import { pause } from "../chaos/load/subscriber.ts";
import { FIGURES } from "./figures.ts";
import { Caller, expectStatus } from "./load/caller.ts";
import type { Observer, Values } from "./look/observer.ts";
import type { Stage } from "./node/stage.ts";
import type { SoakedNode } from "./node/soaked_node.ts";

const EVERY_MS = 1_000, DEADLINE_MS = 150_000;
/** What becomes 0 while the receivers still listen, and what does after that. */
const TOLD = [
  "websockets",
  "eventStreams",
  "targets",
  "slots",
  "publishers",
  "messages",
  "presence",
  "scheduled",
];
const GONE = ["behind", "feed", "outboxBytes", "journalEntries"];
/** A task that waits may still hold the last socket that it has handled. */
const FEW = 2;
/** A node has reports of as many notifications as this, and drops the oldest for a new one. */
const REPORTS = 65_536, PER_REQUEST = 1_000;

/**
 * @param options.restMs so long nobody is connected at least
 * @returns sentences about what did not become empty in time
 */
export async function settle(
  { node, receivers }: Stage,
  { observer, restMs }: { observer: Observer; restMs: number },
): Promise<string[]> {
  const restedAt = performance.now() + restMs;
  receivers.beKind();
  node.shutDoors();
  const isTold = (values: Values) => receivers.online.size === 0 && areZero(values, TOLD);
  const hasTold = await eventually(async () => isTold((await observer.sample()).values));
  await receivers.close();
  const isEmpty = await eventually(async () => areZero((await observer.sample()).values, GONE));
  await pause(Math.max(0, restedAt - performance.now()));
  await useOnce(node);
  // Deno keeps a WebSocket whose connection broke until its timer for the next ping has fired.
  const areCollected = await eventually(async () => await observer.count("WebSocket") <= FEW);
  if (hasTold && isEmpty && areCollected) return [];
  const { values } = await observer.sample();
  return [
    ...FIGURES.filter(({ name }) => [...TOLD, ...GONE].includes(name) && values[name] !== 0)
      .map(({ title, name }) => `${title}: ${values[name]}`),
    ...[...receivers.online].map((target) => `the application believes that ${target} is online`),
    ...areCollected ? [] : [`WebSocket objects: ${await observer.count("WebSocket")}`],
  ];
}

/** Resolves with whether the condition came true in time. */
async function eventually(isTrue: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + DEADLINE_MS;
  while (performance.now() < deadline) {
    if (await isTrue()) return true;
    await pause(EVERY_MS);
  }
  return false;
}

function areZero(values: Values, names: readonly string[]): boolean {
  return names.every((name) => values[name] === 0);
}

/**
 * What a node keeps by number, and not for a time, and what it drops when the next one comes, is the same before and
 * after the waves if the same comes last: notifications that nobody receives, one that is read, a revocation, an erasure, and a
 * wrong key.
 */
async function useOnce({ service }: SoakedNode): Promise<void> {
  using caller = new Caller(service.port);
  const body = Array.from({ length: PER_REQUEST }, () => ({ target: "nobody", data: 0, ttl: 0 }));
  for (let n = 0; n < REPORTS; n += PER_REQUEST) expectStatus(await caller.call("/v1/notify", { body }), 202);
  const revocation = { jti: "nobody's", expires_at: new Date().toISOString() };
  expectStatus(await caller.call("/v1/revocations", { body: revocation }), 200);
  const kept = await caller.call("/v1/notify", { body: { target: "nobody", data: 0 } });
  expectStatus(kept, 202);
  const through = JSON.parse(kept.text).position;
  expectStatus(await caller.call("/v1/targets/nobody/read", { body: { through } }), 200);
  expectStatus(await caller.call("/v1/targets/nobody", { method: "DELETE" }), 204);
  expectStatus(await caller.call("/v1/notify", { body: {}, credential: "wrong" }), 401);
}
