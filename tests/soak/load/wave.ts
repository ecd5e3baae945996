/** One wave: everybody comes, does what people and backends do, and leaves. */

import { Load } from "../../chaos/load/load.ts";
import { TARGETS } from "../../chaos/load/outgoing.ts";
import { pause } from "../../chaos/load/subscriber.ts";
import { type Counts, judge } from "../../chaos/verdict.ts";
import { createRandom } from "../../random.ts";
import type { Stage } from "../node/stage.ts";
import { type Actor, perform } from "./actor.ts";
import { Caller } from "./caller.ts";
import { Devices } from "./devices.ts";
import { LineFaults } from "./line_faults.ts";
import { Operators } from "./operators.ts";
import { Passers } from "./passers.ts";
import { Readers } from "./readers.ts";
import { Stallers } from "./stallers.ts";
import { Strangers } from "./strangers.ts";
import { WaysIn } from "./ways_in.ts";

export interface WaveOptions {
  /** Begins the ids of its notifications. */
  readonly name: string;
  readonly seed: number;
  readonly ms: number;
  readonly maxStallMs: number;
  readonly faultEveryMs: number;
  /** Notifications a second for the residents. */
  readonly rate: number;
  /** Tabs a second that pass. */
  readonly tabs: number;
}

/** What a node remembers for longer than notifications. */
export interface LongRemembered {
  readonly scheduled: number;
  readonly pushes: number;
  /** Until when each revocation counts, in milliseconds since 1970. */
  readonly revokedUntil: readonly number[];
  /** Targets. */
  readonly erased: number;
  /** How many targets were seen at most, and until when, in milliseconds since 1970. */
  readonly seen: number;
  readonly seenUntil: number;
}

export interface WaveResult {
  readonly name: string;
  /** What the residents received, of what was accepted for them. */
  readonly counts: Counts;
  /** What was done, by actor and word, and how often. */
  readonly done: ReadonlyMap<string, number>;
  /** Sentences about what the service has done wrong. */
  readonly wrong: readonly string[];
  readonly remembered: LongRemembered;
  /** How often the service was unavailable for a moment, and a call was repeated. */
  readonly unavailable: number;
}

/** Of a load. */
const PUBLISHERS = 5;

/** Resolves when everybody has left. The application then still has to be told so. */
export async function playWave(
  stage: Stage,
  { name, seed, ms, maxStallMs, faultEveryMs, rate, tabs }: WaveOptions,
): Promise<WaveResult> {
  await stage.begin();
  const { node: { frontDoor: door, sideDoor: { port } }, receivers } = stage;
  const load = await Load.start({ door }, { seed, name: `${name}-`, periodMs: PUBLISHERS * 1_000 / rate });
  using caller = new Caller(port);
  const ways = new WaysIn(caller, { ledger: load.ledger, prefix: `${name}-` });
  const devices = new Devices(caller, receivers.push), operators = new Operators(port, caller);
  const actors: readonly Actor[] = [
    ...[
      ways,
      devices,
      operators,
      new Passers(port, { caller, perSecond: tabs }),
      new Stallers(port, { caller, maxStallMs }),
    ],
    ...[
      new Readers(caller, load.ledger),
      new Strangers(caller),
      new LineFaults(door, { everyMs: faultEveryMs }),
    ],
  ];
  const wrong: string[] = [], done = new Map<string, number>(), over = new AbortController();
  const performances = actors.map((actor, n) =>
    perform(actor, {
      random: createRandom(seed + n),
      signal: over.signal,
      onDone: (word) => done.set(`${actor.name}: ${word}`, (done.get(`${actor.name}: ${word}`) ?? 0) + 1),
      onWrong: (reason) => wrong.push(reason),
    })
  );
  await pause(ms);
  over.abort();
  await Promise.all(performances);
  const isComplete = await load.finish();
  if (!isComplete) wrong.push("a resident has not received the last notification within a minute");
  wrong.push(...load.ledger.refusals, ...receivers.push.refusals);
  const seen = done.values().reduce((sum, count) => sum + count, TARGETS.length), seenUntil = Date.now();
  const { scheduled } = ways, { revokedUntil, erased } = operators;
  const pushes = devices.pushes + erased; // each target that is erased had one
  const remembered = { scheduled, pushes, revokedUntil, erased, seen, seenUntil };
  const unavailable = caller.unavailable + (load.ledger.statuses.get(503) ?? 0);
  return { name, counts: countsOf(load), done, wrong, remembered, unavailable };
}

function countsOf({ ledger: { accepted, sent }, subscribers, visitors }: Load): Counts {
  const tabs = subscribers.map((subscriber, n) => ({
    name: `${subscriber.transport} ${n} of ${subscriber.target}`,
    target: subscriber.target,
    log: subscriber.log,
    isVisitor: visitors.includes(subscriber),
  }));
  return judge({ accepted, sent, tabs });
}
