/** All tabs of a load: opens them, 64 at once, and knows which of them are stalled. */

import { SignJWT } from "jose";
import type { Plan, Server } from "./plan.ts";
import { Tab, type TabParts } from "./tab.ts";
import type { Tally } from "./tally.ts";

const DIALS = 64;
const MAX_BUFFER_BYTES = 64 * 1_024, BUFFERS_BYTES = 64 * 1_024 * 1_024;

export class Tabs {
  readonly refused: number;
  /** How long it took to open them. */
  readonly seconds: number;
  readonly #tabs: readonly Tab[];
  readonly #reading: readonly Promise<void>[];

  private constructor({ tabs, reading, refused }: Opening, seconds: number) {
    this.refused = refused;
    this.seconds = seconds;
    this.#tabs = tabs;
    this.#reading = reading;
  }

  get opened(): number {
    return this.#tabs.length;
  }

  static async open(server: Server, plan: Plan, tally: Tally): Promise<Tabs> {
    const tokens = await tokensFor(server, plan);
    const bufferBytes = Math.min(MAX_BUFFER_BYTES, Math.floor(BUFFERS_BYTES / plan.tabs));
    const partsOf = (tab: number): TabParts => ({
      port: server.port,
      path: `${server.connect}t${tab % plan.targets}`,
      token: tokens?.[tab] ?? null,
      tally,
      bufferBytes,
    });
    const opening: Opening = { next: 0, tabs: [], reading: [], refused: 0 };
    const start = performance.now();
    await Promise.all(Array.from({ length: DIALS }, () => dial(opening, plan, partsOf)));
    return new Tabs(opening, (performance.now() - start) / 1_000);
  }

  async close(): Promise<void> {
    for (const tab of this.#tabs) tab.close();
    await Promise.all(this.#reading);
  }
}

/** What the dialers share. */
interface Opening {
  next: number;
  refused: number;
  readonly tabs: Tab[];
  readonly reading: Promise<void>[];
}

async function dial(opening: Opening, plan: Plan, partsOf: (tab: number) => TabParts): Promise<void> {
  while (opening.next < plan.tabs) {
    const number = opening.next++;
    try {
      const tab = await Tab.open(partsOf(number));
      opening.tabs.push(tab);
      if (!isStalled(number, plan)) opening.reading.push(tab.read());
    } catch (error) {
      if (opening.refused++ === 0) console.error(`the first tab that was refused: ${error}`);
    }
  }
}

/** One of ten, and of a target's tabs one at most, as long as it has no more than ten. */
export function isStalled(tab: number, { stalled, tabs, targets }: Plan): boolean {
  const tabsEach = Math.ceil(tabs / targets);
  const place = (tab % targets) * tabsEach + Math.floor(tab / targets); // target after target
  return stalled && place % 10 === 0;
}

/** How many tabs of each target read what comes. */
export function readersOf(plan: Plan): number[] {
  const readers = Array.from({ length: plan.targets }, () => 0);
  for (let tab = 0; tab < plan.tabs; tab++) {
    const target = tab % plan.targets;
    if (!isStalled(tab, plan)) readers[target] = (readers[target] ?? 0) + 1;
  }
  return readers;
}

/** A token for each tab, made before the clock runs. Null: nobody wants to see any. */
async function tokensFor({ secrets }: Server, { tabs, targets }: Plan): Promise<string[] | null> {
  if (secrets === null) return null;
  const secret = new TextEncoder().encode(secrets.token);
  const token = (tab: number) =>
    new SignJWT({ sub: `t${tab % targets}` }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h")
      .sign(secret);
  return await Promise.all(Array.from({ length: tabs }, (_, tab) => token(tab)));
}
