/** Interest: what it tells the feed when NATS sends messages in another order than that of the stream. */

import { assertEquals } from "@std/assert";
import { headers, type Msg } from "@nats-io/nats-core";
import type { LateEntries } from "../../../src/journal/journal.ts";
import { Interest } from "../../../src/journal/nats/interest.ts";
import { RecentMessages } from "../../../src/journal/nats/recent_messages.ts";
import { Damage } from "../../../src/nats/damage.ts";
import type { NatsLink } from "../../../src/nats/link.ts";
import { positionOf } from "../../../src/wire/position.ts";

const EPOCH = "epoch000";

type Callback = (error: Error | null, message: Partial<Msg>) => void;

/** An interest in Alexander and everyone, whose messages a test delivers. */
class Deliveries {
  readonly gaps: [target: string | null, late?: LateEntries][] = [];
  readonly interest: Interest;
  disorders = 0;
  readonly #callbacks = new Map<string, Callback>();

  private constructor() {
    const subscribe = (subject: string, { callback }: { callback: Callback }) => {
      this.#callbacks.set(subject.split(".").slice(0, 3).join("."), callback);
      return { unsubscribe: () => {} };
    };
    const link = { connection: { subscribe, isClosed: () => false } } as unknown as NatsLink;
    const feed = {
      offer: () => true,
      gap: (target: string | null, late?: LateEntries) =>
        void this.gaps.push(late === undefined ? [target] : [target, late]),
    };
    this.interest = new Interest(link, feed, {
      stream: "tidings",
      retentionSeconds: 3_600,
      epoch: () => EPOCH,
      barrier: () => Promise.resolve(10),
      recent: new RecentMessages(),
      damage: new Damage(() => {}),
      onDisorder: () => {
        this.disorders++;
        this.interest.suspend(); // as the monitor does until it has checked the stream
      },
      onPresence: () => {},
    });
  }

  static async create(): Promise<Deliveries> {
    const deliveries = new Deliveries();
    await Promise.all([deliveries.interest.follow("alexander"), deliveries.interest.follow(null)]);
    return deliveries;
  }

  /** Delivers a message without a topic. Its text is damaged, which does not matter here. */
  deliver(
    target: "alexander" | null,
    { sequence, previous }: { sequence: number | string; previous: number },
  ): void {
    const header = headers();
    header.set("Nats-Sequence", `${sequence}`);
    header.set("Nats-Last-Sequence", `${previous}`);
    const prefix = target === null ? "tidings.out.e" : "tidings.out.t";
    this.#callbacks.get(prefix)?.(null, { subject: `${prefix}.~`, headers: header, data: new Uint8Array() });
  }

  /** What came late, which the feed has been told of. */
  get late(): (LateEntries | undefined)[] {
    return this.gaps.map(([, late]) => late).filter((late) => late !== undefined);
  }
}

function between(target: string | null, { after, through }: { after: number; through: number }): LateEntries {
  const at = (sequence: number) => positionOf(EPOCH, sequence);
  return { target, after: at(after), from: at(after + 1), through: at(through) };
}

for (const sequence of ["1e300", "Infinity", "1.5", "-1", "", "x"]) {
  Deno.test(`Interest ignores a message with the number "${sequence}", which the stream has not sent`, async () => {
    const deliveries = await Deliveries.create();
    deliveries.deliver("alexander", { sequence, previous: 0 });
    assertEquals([deliveries.gaps, deliveries.interest.newest, deliveries.disorders], [[], 0, 0]);
    deliveries.deliver("alexander", { sequence: 11, previous: 7 });
    assertEquals([deliveries.interest.newest, deliveries.disorders], [11, 0]);
  });
}

Deno.test("Interest says what came late: a message of a target after a later one to everyone", async () => {
  const deliveries = await Deliveries.create();
  deliveries.deliver(null, { sequence: 12, previous: 0 });
  deliveries.deliver("alexander", { sequence: 11, previous: 7 });
  const late = between("alexander", { after: 10, through: 11 });
  assertEquals([deliveries.disorders, deliveries.late], [1, [late]]);
  deliveries.deliver("alexander", { sequence: 10, previous: 7 }); // already in the journal when it was followed
  deliveries.deliver(null, { sequence: 13, previous: 12 });
  deliveries.interest.resume();
  assertEquals(deliveries.late, [late]);
});

Deno.test("Interest says what came late if a later message of the same target shows the gap first", async () => {
  const deliveries = await Deliveries.create();
  deliveries.deliver("alexander", { sequence: 11, previous: 7 });
  deliveries.deliver(null, { sequence: 14, previous: 0 });
  deliveries.deliver("alexander", { sequence: 15, previous: 13 });
  const expected = [between("alexander", { after: 11, through: 13 })];
  assertEquals(deliveries.late, expected);
  deliveries.deliver("alexander", { sequence: 13, previous: 11 });
  deliveries.interest.resume();
  assertEquals(deliveries.late, expected, "the feed knows");
});

Deno.test("Interest takes nothing for late that no later message has overtaken", async () => {
  const deliveries = await Deliveries.create();
  deliveries.deliver(null, { sequence: 11, previous: 0 });
  deliveries.deliver("alexander", { sequence: 12, previous: 7 });
  deliveries.deliver("alexander", { sequence: 15, previous: 14 });
  const hasGap = deliveries.gaps.some(([target]) => target === "alexander");
  assertEquals([hasGap, deliveries.disorders, deliveries.late], [true, 0, []]);
});
