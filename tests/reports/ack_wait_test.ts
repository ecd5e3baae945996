/** Wait: who is waited for, and when there is nobody left. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { Outbox } from "../../src/hub/outbox.ts";
import type { AwaitedNotification } from "../../src/reports/report.ts";
import { reportLimits } from "../../src/reports/report_limits.ts";
import { Reports } from "../../src/reports/reports.ts";
import type { AckWait, StreamingConnection } from "../../src/reports/ack_wait.ts";

const NOW = Date.UTC(1804, 6, 11, 7);
const FIRST = "p1", SECOND = "p2"; // positions; BEFORE is earlier
const BEFORE = "p0";

/** A connection whose stream has come so far. */
class Tab implements StreamingConnection {
  readonly transport = "websocket";
  readonly connectedAt = NOW;
  readonly outbox = new Outbox(null, { maxBytes: 1 });
  readonly pump: { reached: string | null; flush(): void; finish(): Promise<void> };

  constructor(readonly id: string, reached: string | null = BEFORE, readonly target = "alexander") {
    this.pump = { reached, flush() {}, finish: () => Promise.resolve() };
  }
}

class Bench {
  readonly reports: Reports;

  constructor({ due = 100, reports = 100 } = {}) {
    const limits = { ...reportLimits({ seconds: 3_600 }), due, reports };
    this.reports = new Reports({ limits, acceptedAt: () => NOW, now: () => NOW });
  }

  /** Begins to wait for notifications with these positions, that were accepted a moment ago. */
  wait(...positions: readonly string[]): AckWait {
    return this.reports.wait(positions.map((position) => awaited(position)));
  }

  send(position: string, ...tabs: readonly Tab[]): void {
    for (const tab of tabs) {
      tab.pump.reached = position;
      const notification = { id: position, target: tab.target, position, text: "", bytes: 0 };
      this.reports.sent([notification], tab.id);
    }
  }

  ack(position: string, ...tabs: readonly Tab[]): void {
    for (const { id } of tabs) this.reports.acked([position], id);
  }
}

/** A notification for Alexander, named after its position. */
function awaited(position: string, target: string | null = "alexander"): AwaitedNotification {
  return { id: position, acceptedAt: NOW, target, position, expiresAt: NOW + 1 };
}

function of(...tabs: readonly Tab[]): ReadonlyMap<string | null, readonly Tab[]> {
  return new Map([["alexander", tabs]]);
}

/** Whether there is nobody left to wait for. */
async function isOver(wait: AckWait): Promise<boolean> {
  const notYet = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return await Promise.race([wait.settled.then(() => true), notYet]);
}

Deno.test("Wait is over when it is known that nobody is there, and not before", async () => {
  using wait = new Bench().wait(FIRST);
  assertEquals(await isOver(wait), false);
  wait.found(of());
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait is over when all who were sent it have acked, also those who were sent it before it was known", async () => {
  const bench = new Bench();
  const [one, two] = [new Tab("1"), new Tab("2")];
  using wait = bench.wait(FIRST);
  bench.send(FIRST, one, two);
  bench.ack(FIRST, one);
  wait.found(of(one, two));
  assertEquals(await isOver(wait), false);
  bench.ack(FIRST, two);
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait waits for who is there and has not got it yet", async () => {
  const bench = new Bench();
  const [fast, slow] = [new Tab("1"), new Tab("2")];
  using wait = bench.wait(FIRST);
  bench.send(FIRST, fast);
  bench.ack(FIRST, fast);
  wait.found(of(fast, slow));
  assertEquals(await isOver(wait), false, "the slow one is on its way");
  bench.send(FIRST, slow);
  assertEquals(await isOver(wait), false, "has it, and has not acked");
  bench.ack(FIRST, slow);
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait does not wait for who came later, or was not welcomed yet, but for whoever is sent it meanwhile", async () => {
  const bench = new Bench();
  const [slow, resumed] = [new Tab("1"), new Tab("2")];
  using wait = bench.wait(FIRST);
  wait.found(of(slow, new Tab("3", FIRST), new Tab("4", SECOND), new Tab("5", null)));
  bench.send(FIRST, resumed);
  bench.send(FIRST, slow);
  bench.ack(FIRST, slow);
  assertEquals(await isOver(wait), false, "somebody resumed");
  bench.ack(FIRST, resumed);
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait does not wait for who is behind and can't get it any more, but for who is live", async () => {
  const bench = new Bench();
  const [behind, live] = [new Tab("1"), new Tab("2")];
  live.outbox.beginPage();
  live.outbox.endPage({ next: BEFORE, more: false });
  using wait = bench.reports.wait([{ ...awaited(FIRST), expiresAt: NOW }]); // a ttl of 0
  wait.found(of(behind, live));
  assertEquals(await isOver(wait), false);
  bench.send(FIRST, live);
  bench.ack(FIRST, live);
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait does not wait for who leaves, before or after it was sent the notification", async () => {
  const bench = new Bench();
  const [sent, slow] = [new Tab("1"), new Tab("2")];
  using wait = bench.wait(FIRST);
  bench.send(FIRST, sent);
  wait.found(of(sent, slow));
  bench.reports.left(slow);
  assertEquals(await isOver(wait), false);
  bench.reports.left({ id: "1", target: "burr" });
  assertEquals(await isOver(wait), false, "another");
  bench.reports.left(sent);
  assertEquals(await isOver(wait), true);
  bench.ack(FIRST, sent);
  const { sent: count, acked } = bench.reports.of(FIRST) ?? {};
  assertEquals([count, acked], [1, 0]);
});

Deno.test("Wait does not wait for who leaves between the hub's answer and its own turn", async () => {
  const bench = new Bench();
  const [sent, slow] = [new Tab("1"), new Tab("2")];
  using wait = bench.wait(FIRST);
  bench.send(FIRST, sent);
  bench.reports.left(sent);
  bench.reports.left(slow);
  wait.found(of(sent, slow));
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait does not wait for who was sent the notification and left before it began", async () => {
  const bench = new Bench();
  const [gone, stays, late] = [new Tab("1"), new Tab("2"), new Tab("3")];
  bench.send(FIRST, gone, stays);
  bench.reports.left(gone); // nobody waits: this is not noticed
  using wait = bench.wait(FIRST);
  bench.send(FIRST, late); // registered after the hub was asked
  wait.found(of(stays));
  bench.ack(FIRST, stays);
  assertEquals(await isOver(wait), false, "the late one may ack");
  bench.ack(FIRST, late);
  assertEquals(await isOver(wait), true);
  assertEquals(bench.reports.of(FIRST)?.acked, 2);
});

Deno.test("Wait is over when that holds for all of its notifications at once", async () => {
  const bench = new Bench();
  const tab = new Tab("1");
  using wait = bench.wait(FIRST, SECOND);
  wait.found(of(tab));
  bench.send(FIRST, tab);
  bench.ack(FIRST, tab);
  assertEquals(await isOver(wait), false);
  const other = new Tab("2");
  bench.send(FIRST, other);
  bench.send(SECOND, tab);
  bench.ack(SECOND, tab);
  assertEquals(await isOver(wait), false, "the first was sent once more");
  bench.ack(FIRST, other);
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait waits for those of its notifications that a connection has yet to get, and not for the others", async () => {
  const bench = new Bench();
  const tab = new Tab("1", FIRST); // which it has, or came after
  using wait = bench.wait(FIRST, SECOND);
  wait.found(of(tab));
  bench.send(SECOND, tab);
  assertEquals(await isOver(wait), false);
  bench.ack(SECOND, tab);
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait waits for each target's connections, and for everyone's", async () => {
  const bench = new Bench();
  const [alexander, burr, clinton] = [
    new Tab("1"),
    new Tab("2", BEFORE, "burr"),
    new Tab("3", BEFORE, "clinton"),
  ];
  using wait = bench.reports.wait([awaited(FIRST), awaited(FIRST, "burr"), awaited(SECOND, null)]);
  assertEquals([...wait.targets], ["alexander", "burr", null]);
  const all = [alexander, burr, clinton];
  wait.found(new Map([["alexander", [alexander]], ["burr", [burr]], [null, all]]));
  for (const position of [FIRST, SECOND]) {
    bench.send(position, alexander);
    bench.ack(position, alexander);
  }
  bench.reports.left(burr);
  assertEquals(await isOver(wait), false);
  bench.send(SECOND, clinton);
  bench.reports.left(clinton);
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait is not kept from its end by another that begins or ends", async () => {
  const bench = new Bench();
  const tab = new Tab("1");
  using wait = bench.wait(FIRST);
  wait.found(of(tab));
  {
    using other = bench.wait(FIRST);
    other.found(of(tab));
  }
  bench.send(FIRST, tab);
  assertEquals(await isOver(wait), false);
  bench.reports.left(tab);
  assertEquals(await isOver(wait), true);
});

Deno.test("Wait leaves nothing behind: whoever leaves after its end can have acked before", async () => {
  const bench = new Bench();
  const tab = new Tab("1");
  {
    using wait = bench.wait(FIRST);
    wait.found(of(tab));
    bench.send(FIRST, tab);
    assertEquals(await isOver(wait), false);
  }
  bench.reports.left(tab);
  bench.ack(FIRST, tab); // was on its way
  assertEquals(bench.reports.of(FIRST)?.acked, 1);
});

Deno.test("Wait is over when the report is forgotten", async () => {
  const bench = new Bench({ reports: 1 });
  const tab = new Tab("1");
  using wait = bench.wait(FIRST);
  using unknown = bench.wait(FIRST);
  wait.found(of(tab));
  bench.reports.accepted(SECOND, NOW);
  assertEquals(await isOver(wait), true);
  unknown.found(of(tab)); // only now
  assertEquals(await isOver(unknown), true);
  using later = bench.wait(FIRST);
  later.found(of(tab));
  assertEquals([await isOver(later), bench.reports.of(FIRST)], [true, null]);
});

Deno.test("Wait begins the report of what was accepted on another node", () => {
  const bench = new Bench();
  using _ = bench.wait(FIRST);
  assertEquals(bench.reports.of(FIRST)?.acceptedAt, NOW);
});

Deno.test("Wait waits for a bounded number of those that are behind, and they count for it until it ends", async () => {
  const bench = new Bench({ due: 2 });
  const tabs = ["1", "2", "3"].map((id) => new Tab(id));
  const wait = bench.wait(FIRST);
  wait.found(of(...tabs));
  using second = bench.wait(SECOND);
  second.found(of(...tabs));
  assertEquals(await isOver(second), true, "there is no room for anybody more");
  for (const tab of tabs.slice(0, 2)) bench.reports.left(tab);
  assertEquals(await isOver(wait), true);
  const third = bench.wait("p3");
  third.found(of(...tabs));
  third[Symbol.dispose]();
  wait[Symbol.dispose]();
  using fourth = bench.wait("p4");
  fourth.found(of(...tabs.slice(0, 2)));
  assertEquals(await isOver(fourth), false);
  bench.send("p4", ...tabs);
  bench.ack("p4", ...tabs);
  assertEquals(await isOver(fourth), true);
});

/** What a tab goes through, or what the one who waits does. */
type Step =
  | readonly ["join" | "resume" | "send" | "ack" | "leave", number]
  | readonly ["begin" | "ask" | "find", null];

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom("join", "resume", "send", "ack", "leave"), fc.nat({ max: 7 })),
  fc.tuple(fc.constantFrom("begin", "ask", "find"), fc.constant(null)),
);

interface Life {
  readonly tab: Tab;
  there: boolean;
  sent: boolean;
  acked: boolean;
}

/** One notification, tabs that come, get it, ack it and leave, and one who waits: the service, and what to expect. */
class Play {
  over = false;
  wait: AckWait | undefined;
  readonly #bench = new Bench();
  readonly #lives: Life[] = [];
  #asked: readonly Life[] | undefined;
  #found: readonly Life[] | undefined;

  /** @param before tabs that are there before the notification is */
  constructor(before: number) {
    this.#bench.reports.accepted(FIRST, NOW);
    for (let n = 0; n < before; n++) this.#join(BEFORE);
  }

  take([does, tab]: Step): void {
    if (tab === null) this.#wait(does);
    else if (does === "join") this.#join(SECOND); // what is new from now on
    else if (does === "resume") this.#join(BEFORE);
    else this.#live(does, this.#lives[tab % this.#lives.length]);
    this.over ||= this.#found !== undefined && !this.#lives.some((life) => this.#isAwaited(life));
  }

  #isAwaited({ there, sent, acked, tab }: Life): boolean {
    const isDue = this.#found?.some((life) => life.tab === tab) === true && tab.pump.reached === BEFORE;
    return there && (sent ? !acked : isDue);
  }

  #wait(does: Step[0]): void {
    if (does === "begin") this.wait ??= this.#bench.wait(FIRST);
    else if (this.wait === undefined) return;
    else if (does === "ask") this.#asked ??= this.#lives.filter(({ there }) => there);
    else if (this.#asked !== undefined && this.#found === undefined) {
      this.#found = this.#asked;
      this.wait.found(of(...this.#found.map(({ tab }) => tab)));
    }
  }

  #join(reached: string): void {
    this.#lives.push({
      tab: new Tab(`${this.#lives.length}`, reached),
      there: true,
      sent: false,
      acked: false,
    });
  }

  #live(does: Step[0], life: Life | undefined): void {
    if (life === undefined || !life.there) return;
    if (does === "send" && !life.sent && life.tab.pump.reached === BEFORE) {
      life.sent = true;
      this.#bench.send(FIRST, life.tab);
    } else if (does === "ack" && life.sent) {
      life.acked = true;
      this.#bench.ack(FIRST, life.tab);
    } else if (does === "leave") {
      life.there = false;
      this.#bench.reports.left(life.tab);
    }
  }
}

Deno.test("Wait is over when everyone who was there has it acked or left, whatever happens when", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 4 }),
      fc.array(step, { minLength: 20, maxLength: 60 }),
      async (before, steps) => {
        const play = new Play(before);
        for (const step of steps) {
          play.take(step);
          if (play.wait !== undefined) assertEquals(await isOverNow(play.wait), play.over);
        }
        play.wait?.[Symbol.dispose]();
      },
    ),
    { numRuns: 500 },
  );
});

/** The same as isOver, without a turn of the event loop, of which this would take many. */
async function isOverNow(wait: AckWait): Promise<boolean> {
  const notYet = Promise.resolve().then(() => Promise.resolve(false));
  return await Promise.race([wait.settled.then(() => true), notYet]);
}
