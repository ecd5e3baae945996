/** All tabs of a load. It opens 64 at a time, and decides which of them are stalled. */

import { SignJWT } from "jose";
import { DIALECTS } from "./dialect.ts";
import type { Plan, Server } from "./plan.ts";
import { Tab, type TabOptions } from "./tab.ts";
import type { DeliveryStats } from "./delivery_stats.ts";

const CONCURRENCY = 64;
const MAX_BUFFER_BYTES = 64 * 1_024, BUFFERS_BYTES = 64 * 1_024 * 1_024;

export class Tabs {
  readonly refused: number;
  /** The time that it took to open them, and to deliver what they missed. */
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

  static async open(server: Server, plan: Plan, stats: DeliveryStats): Promise<Tabs> {
    const tokens = await tokensFor(server, plan);
    const bufferBytes = Math.min(MAX_BUFFER_BYTES, Math.floor(BUFFERS_BYTES / plan.tabs));
    const dialect = DIALECTS[server.dialect];
    const optionsOf = (tab: number): TabOptions => ({
      port: server.port,
      request: dialect.connect(server, {
        target: `t${tab % plan.targets}`,
        token: tokens?.[tab] ?? null,
        resumes: plan.missed > 0,
      }),
      acceptsByFrame: dialect.acceptsByFrame,
      stats,
      bufferBytes,
    });
    const opening: Opening = { next: 0, tabs: [], reading: [], refused: 0 };
    const start = performance.now();
    await Promise.all(Array.from({ length: CONCURRENCY }, () => openTabs(opening, plan, optionsOf)));
    await stats.settled(); // nothing is expected yet but what they missed
    return new Tabs(opening, (performance.now() - start) / 1_000);
  }

  async close(): Promise<void> {
    for (const tab of this.#tabs) tab.close();
    await Promise.all(this.#reading);
  }
}

/** The state that the concurrent openers share. */
interface Opening {
  next: number;
  refused: number;
  readonly tabs: Tab[];
  readonly reading: Promise<void>[];
}

async function openTabs(opening: Opening, plan: Plan, optionsOf: (tab: number) => TabOptions): Promise<void> {
  while (opening.next < plan.tabs) {
    const number = opening.next++;
    try {
      const tab = await Tab.open(optionsOf(number));
      opening.tabs.push(tab);
      if (!isStalled(number, plan)) opening.reading.push(tab.read());
    } catch (error) {
      if (opening.refused++ === 0) console.error(`the first tab that was refused: ${error}`);
    }
  }
}

/** Whether a tab is stalled: one of ten, and at most one per target if targets have ten tabs or fewer. */
export function isStalled(tab: number, { stalled, tabs, targets }: Plan): boolean {
  const tabsEach = Math.ceil(tabs / targets);
  const index = (tab % targets) * tabsEach + Math.floor(tab / targets); // numbers the tabs target by target
  return stalled && index % 10 === 0;
}

/** Returns the number of tabs per target that are not stalled. */
export function readersOf(plan: Plan): number[] {
  const readers = Array.from({ length: plan.targets }, () => 0);
  for (let tab = 0; tab < plan.tabs; tab++) {
    const target = tab % plan.targets;
    if (!isStalled(tab, plan)) readers[target] = (readers[target] ?? 0) + 1;
  }
  return readers;
}

/** Signs a token per tab before the measurement; null if the server checks none. */
async function tokensFor({ secrets }: Server, { tabs, targets }: Plan): Promise<string[] | null> {
  if (secrets === null) return null;
  const secret = new TextEncoder().encode(secrets.token);
  const token = (tab: number) =>
    new SignJWT({ sub: `t${tab % targets}` }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h")
      .sign(secret);
  return await Promise.all(Array.from({ length: tabs }, (_, tab) => token(tab)));
}
