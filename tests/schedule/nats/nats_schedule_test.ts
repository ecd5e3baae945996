/** NatsSchedule fulfils the contract, and several nodes with one stream do each record once. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { JetStreamApiError } from "@nats-io/jetstream";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { NatsSchedule, type NatsScheduleOptions } from "../../../src/schedule/nats/nats_schedule.ts";
import { StreamMismatchError } from "../../../src/nats/streams.ts";
import type { NatsLink } from "../../../src/nats/link.ts";
import { scheduleContract } from "../../contracts/schedule.ts";
import { eventually } from "../../eventually.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { looked } from "../../nats/stream_look.ts";

const LIMIT = { records: 1_000, bytes: 16 * 1024 * 1024 };
const HOUR_MS = 3_600_000;
const STREAM = "tidings-schedule";

/** Nodes of one service. */
class ScheduleNodes implements AsyncDisposable {
  readonly clock = { now: Date.UTC(1804, 6, 11, 7) };
  readonly losses: string[] = [];
  readonly reported: string[] = [];
  readonly #opened: { readonly schedule: NatsSchedule; readonly link: NatsLink }[] = [];

  private constructor(readonly server: NatsServer) {}

  static async start(): Promise<ScheduleNodes> {
    return new ScheduleNodes(await NatsServer.started());
  }

  async open(options: Partial<NatsScheduleOptions> = {}): Promise<NatsSchedule> {
    const link = await this.server.link();
    const defaults = { stream: "tidings", replicas: 1, maxBytes: 4 * 1024 * 1024, everyMs: 20 };
    const opening = NatsSchedule.open(link, {
      ...defaults,
      now: () => this.clock.now,
      onLoss: ({ stream, reason }) => void this.losses.push(`${stream} ${reason}`),
      report: (error) => void this.reported.push(String(error)),
      ...options,
    });
    const schedule = await opening.catch((error) => link.close().then(() => Promise.reject(error)));
    this.#opened.push({ schedule, link });
    return schedule;
  }

  /** Resolves when the first node has looked at the stream once more from beginning to end. */
  async checked(): Promise<void> {
    const [first] = this.#opened;
    assert(first !== undefined);
    await looked(first.link);
  }

  /** Makes NATS refuse the next change of this node, as if another node's change were about to be stored. */
  refuseNext(schedule: NatsSchedule): void {
    const { jetstream } = this.#opened.find((node) => node.schedule === schedule)?.link ?? {};
    assert(jetstream !== undefined);
    const publish = jetstream.publish.bind(jetstream);
    jetstream.publish = () => {
      jetstream.publish = publish;
      const description = "wrong last sequence";
      return Promise.reject(new JetStreamApiError({ code: 400, err_code: 10_164, description }));
    };
  }

  /** Adds records that are due now. */
  async add(schedule: NatsSchedule, ...keys: readonly string[]): Promise<void> {
    const { now } = this.clock;
    const times = { addedAt: now, dueAt: now };
    const records = keys.map((key) => ({ key, digest: "d", ...times, content: `of ${key}` }));
    for (const { outcome } of await schedule.add(records)) assertEquals(outcome, "added");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { schedule, link } of this.#opened) {
      await schedule.close();
      await link.close();
    }
    await this.server[Symbol.asyncDispose]();
  }
}

async function take(schedule: NatsSchedule): Promise<string[]> {
  return (await schedule.take("", LIMIT)).map(({ key }) => key);
}

/** Resolves with what the schedule takes, as soon as it takes something. */
async function takeSoon(schedule: NatsSchedule): Promise<string[]> {
  const taken: string[] = [];
  await eventually(async () => taken.push(...await take(schedule)) > 0, "something is taken");
  return taken;
}

/** A node that knows of other nodes' records only what it is told when it opens, or what it finds itself. */
const SLOW = { everyMs: HOUR_MS };

scheduleContract("NatsSchedule", async (options) => {
  const nodes = await ScheduleNodes.start();
  const schedule = await nodes.open(options);
  return { schedule, [Symbol.asyncDispose]: () => nodes[Symbol.asyncDispose]() };
}, test);

test("NatsSchedule has each record done by one of several nodes", async () => {
  await using nodes = await ScheduleNodes.start();
  const three = [await nodes.open(), await nodes.open(), await nodes.open()] as const;
  const keys = Array.from({ length: 300 }, (_, n) => `k${n}`);
  await Promise.all(three.map((schedule, n) => nodes.add(schedule, ...keys.slice(n * 100, n * 100 + 100))));
  const taken: string[] = [];
  await eventually(async () => {
    for (const some of await Promise.all(three.map(take))) taken.push(...some);
    return taken.length >= keys.length;
  });
  for (const schedule of three) assertEquals(await take(schedule), []);
  assertEquals(taken.toSorted(), keys.toSorted());
});

test("NatsSchedule leaves to another node what it has given up, and what it does not finish in time", async () => {
  await using nodes = await ScheduleNodes.start();
  const one = await nodes.open(), other = await nodes.open();
  await nodes.add(one, "a", "b");
  assertEquals((await take(one)).toSorted(), ["a", "b"]);
  await one.release(["a"]);
  const given = await takeSoon(other);
  await other.finish(given);
  const third = await nodes.open({ takenMs: 20 });
  assertEquals([given, await takeSoon(third)], [["a"], ["b"]]);
  await one.finish(["b"]); // it is too late: the third one has taken it over
  assertEquals((await one.find("b"))?.state, "taken");
  await third.finish(["b"]);
  assertEquals([(await one.find("a"))?.state, (await one.find("b"))?.state], ["done", "done"]);
});

test("NatsSchedule does not take over what is finished in time", async () => {
  await using nodes = await ScheduleNodes.start();
  const one = await nodes.open({ takenMs: 30 }), other = await nodes.open({ takenMs: 30 });
  await nodes.add(one, "a");
  await one.finish(await take(one));
  await nodes.add(one, "b");
  assertEquals(await takeSoon(other), ["b"]); // so it has read everything before
  await new Promise((resolve) => setTimeout(resolve, 40));
  assertEquals((await take(one)).concat(await take(other)), ["b"]);
});

test("NatsSchedule takes a record again if the change that seemed to precede its own was never stored", async () => {
  await using nodes = await ScheduleNodes.start();
  const schedule = await nodes.open();
  await nodes.add(schedule, "a");
  nodes.refuseNext(schedule);
  assertEquals(await take(schedule), []);
  assertEquals(await take(schedule), ["a"]);
});

test("NatsSchedule cancels on one node what another one has added, and only one of them wins", async () => {
  await using nodes = await ScheduleNodes.start();
  const one = await nodes.open(SLOW), other = await nodes.open(SLOW);
  for (let round = 0; round < 20; round++) {
    const key = `r${round}`;
    await nodes.add(one, key);
    const [outcome, taken] = await Promise.all([other.cancel(key), take(one)]);
    assertEquals(taken.length, outcome === "cancelled" ? 0 : 1);
    assert(outcome !== "unknown");
  }
});

test("NatsSchedule knows what was added before it was opened, however much it is", async () => {
  await using nodes = await ScheduleNodes.start();
  const one = await nodes.open();
  const keys = Array.from({ length: 1_000 }, (_, n) => `k${n}`);
  await nodes.add(one, ...keys);
  await one.cancel("k0");
  await one.close();
  const late = await nodes.open();
  const taken: string[] = [];
  await eventually(async () => taken.push(...await take(late)) >= 999);
  assertEquals(taken.toSorted(), keys.slice(1).toSorted());
});

test("NatsSchedule removes from the stream what is cancelled, and what has been done for a day", async () => {
  await using nodes = await ScheduleNodes.start();
  const schedule = await nodes.open(), link = await nodes.server.link();
  const count = async () => (await link.manager.streams.info(STREAM)).state.messages;
  await nodes.add(schedule, "a", "b", "c");
  await schedule.cancel("a");
  assertEquals(await count(), 2);
  await schedule.finish(await take(schedule));
  assertEquals(await count(), 2);
  nodes.clock.now += 24 * HOUR_MS;
  assertEquals(await take(schedule), []);
  assertEquals(await count(), 0);
  await nodes.add(schedule, "a");
  await link.close();
});

test("NatsSchedule is unavailable without NATS, and goes on afterwards", async () => {
  await using nodes = await ScheduleNodes.start();
  const schedule = await nodes.open();
  await nodes.add(schedule, "a", "b");
  await nodes.server.stop();
  await eventually(() => take(schedule).then(() => false, (error) => error instanceof UnavailableError));
  await assertRejects(() => nodes.add(schedule, "c"), UnavailableError);
  await nodes.server.start();
  const taken: string[] = [];
  await eventually(async () => {
    taken.push(...await take(schedule).catch((): string[] => []));
    return taken.length === 2;
  });
  assertEquals(taken.toSorted(), ["a", "b"]);
  assertEquals(nodes.losses, []);
});

test("NatsSchedule creates its stream again if it was deleted, and forgets what it held", async () => {
  await using nodes = await ScheduleNodes.start();
  const schedule = await nodes.open(), other = await nodes.open();
  await nodes.add(schedule, "a");
  const link = await nodes.server.link();
  await link.manager.streams.delete(STREAM);
  await eventually(() => nodes.losses.length >= 2);
  assertEquals(nodes.losses.filter((loss) => loss === `${STREAM} missing`).length >= 1, true);
  assertEquals(await take(schedule), []);
  await nodes.add(schedule, "b");
  assertEquals(await takeSoon(other), ["b"]);
  await link.close();
});

test("NatsSchedule reads everything again if the stream went back to an earlier state", async () => {
  await using nodes = await ScheduleNodes.start();
  const schedule = await nodes.open();
  await nodes.add(schedule, "kept");
  await nodes.server.stop();
  const copy = await nodes.server.copyStore();
  await nodes.server.start();
  await eventually(async () => (await take(schedule).catch((): string[] => [])).includes("kept"));
  await schedule.finish(["kept"]);
  await nodes.add(schedule, "lost 1", "lost 2");
  await eventually(() => schedule.find("lost 2").then((found) => found !== null));
  await nodes.checked();
  await nodes.server.stop();
  await nodes.server.rollBack(copy);
  await nodes.server.start();
  await eventually(() => nodes.losses.includes(`${STREAM} rolled back`));
  await eventually(async () => (await take(schedule)).includes("kept"));
});

test("NatsSchedule refuses a stream with another configuration", async () => {
  await using nodes = await ScheduleNodes.start();
  await nodes.open();
  await assertRejects(() => nodes.open({ maxBytes: 1_000_000 }), StreamMismatchError, STREAM);
});
