/** Tests of marks and inboxes against a simple model, with random sequences of commands, on all journals. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { NatsServer, test as testWithNats } from "../nats/nats_server.ts";
import { DEVICES, Model, PER_TARGET, RealSystem, RETENTION_SECONDS, TARGETS } from "./marks_model.ts";

type Command = fc.AsyncCommand<Model, RealSystem>;
type Pick = readonly number[];

class Notify implements Command {
  constructor(
    readonly target: string | null,
    readonly more: { readonly topic: string | null; readonly ttl: number | null },
  ) {}

  check = () => true;

  async run(model: Model, real: RealSystem): Promise<void> {
    const { target, more: { topic, ttl } } = this;
    const id = `id-${++model.accepted}`;
    const to = target === null ? { everyone: true } : { target };
    const more = { ...(topic !== null && { topic }), ...(ttl !== null && { ttl }) };
    await real.services[model.accepted % real.services.length]?.notify({ ...to, ...more, id, data: 1 });
    const seconds = Math.min(ttl ?? Infinity, RETENTION_SECONDS);
    model.notify({ id, target, topic, expiresAt: model.now + 1000 * seconds });
    await real.assertAgrees();
  }

  toString = () => `notify(${this.target}, ${JSON.stringify(this.more)})`;
}

/** The ids at these places of what is kept for the target of a device. */
function idsAt(model: Model, device: number, picks: Pick): string[] {
  const kept = model.of(DEVICES[device]?.target ?? "");
  return picks.flatMap((pick) => kept[pick % Math.max(kept.length, 1)]?.id ?? []);
}

class Mark implements Command {
  constructor(readonly device: number, readonly type: "read" | "unread", readonly picks: Pick) {}

  check = () => true;

  async run(model: Model, real: RealSystem): Promise<void> {
    const device = real.device(this.device), ids = idsAt(model, this.device, this.picks);
    if (!device.isConnected || ids.length === 0) return;
    await device.mark({ type: this.type, ids });
    model.mark(device.target, { type: this.type, ids });
    await real.assertAgrees();
  }

  toString = () => `${this.type}(device ${this.device}, ${this.picks})`;
}

/** All devices mark at once, so marks of a target meet in one journal. */
class MarkAtOnce implements Command {
  constructor(readonly picks: readonly Pick[]) {}

  check = () => true;

  async run(model: Model, real: RealSystem): Promise<void> {
    const marks = this.picks.map((picks, index) => ({
      device: real.device(index % DEVICES.length),
      ids: idsAt(model, index % DEVICES.length, picks),
    })).filter(({ device, ids }) => device.isConnected && ids.length > 0);
    await Promise.all(marks.map(({ device, ids }) => device.mark({ type: "read", ids })));
    for (const { device, ids } of marks) model.mark(device.target, { type: "read", ids });
    await real.assertAgrees();
  }

  toString = () => `mark at once(${JSON.stringify(this.picks)})`;
}

class ReadThrough implements Command {
  constructor(readonly device: number, readonly pick: number) {}

  check = () => true;

  async run(model: Model, real: RealSystem): Promise<void> {
    const device = real.device(this.device), [id] = idsAt(model, this.device, [this.pick]);
    if (!device.isConnected || id === undefined) return;
    await device.readThrough(id);
    const kept = model.of(device.target).map((one) => one.id);
    model.mark(device.target, { type: "read", ids: kept.slice(0, kept.indexOf(id) + 1) });
    await real.assertAgrees();
  }

  toString = () => `read through(device ${this.device}, ${this.pick})`;
}

class Connect implements Command {
  constructor(readonly device: number) {}

  check = () => true;

  async run(_: Model, real: RealSystem): Promise<void> {
    const device = real.device(this.device);
    if (!device.isConnected) await device.connect();
    await real.assertAgrees();
  }

  toString = () => `connect(${this.device})`;
}

class Cut implements Command {
  constructor(readonly device: number) {}

  check = () => true;

  async run(_: Model, real: RealSystem): Promise<void> {
    await real.device(this.device).cut();
  }

  toString = () => `cut(${this.device})`;
}

class PassTime implements Command {
  constructor(readonly seconds: number) {}

  check = () => true;

  async run(model: Model, real: RealSystem): Promise<void> {
    model.now += this.seconds * 1000;
    await real.assertAgrees();
  }

  toString = () => `pass(${this.seconds} s)`;
}

class Restart implements Command {
  check = () => true;

  async run(_: Model, real: RealSystem): Promise<void> {
    await real.stop();
    await real.start();
    await real.assertAgrees();
  }

  toString = () => "restart";
}

const device = fc.nat({ max: DEVICES.length - 1 });
const picks = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 4 });
const topic = fc.constantFrom(null, null, null, "duel");

const COMMANDS: readonly fc.Arbitrary<Command>[] = [
  fc.record({ target: fc.constantFrom(...TARGETS, null), topic })
    .map(({ target, topic }) => new Notify(target, { topic, ttl: null })),
  fc.tuple(device, fc.constantFrom("read" as const, "unread" as const), picks)
    .map(([device, type, picks]) => new Mark(device, type, picks)),
  fc.array(picks, { minLength: 2, maxLength: 6 }).map((picks) => new MarkAtOnce(picks)),
  fc.tuple(device, fc.nat({ max: 9 })).map(([device, pick]) => new ReadThrough(device, pick)),
  device.map((index) => new Connect(index)),
  device.map((index) => new Connect(index)),
  device.map((index) => new Cut(index)),
];

/** The clock of NATS is the server's, so no test can move it. */
const TIMED: readonly fc.Arbitrary<Command>[] = [
  ...COMMANDS,
  fc.record({ target: fc.constantFrom(...TARGETS, null), topic })
    .map(({ target, topic }) => new Notify(target, { topic, ttl: 5 })),
  fc.constantFrom(1, 6, 31, 61).map((seconds) => new PassTime(seconds)),
];

const RETENTION = {
  TIDINGS_RETENTION_SECONDS: `${RETENTION_SECONDS}`,
  TIDINGS_RETENTION_PER_TARGET: `${PER_TARGET}`,
};

async function assertModel(
  kinds: readonly fc.Arbitrary<Command>[],
  { environments, numRuns, countsTopics = true }: {
    environments: () => Promise<Record<string, string>[]>;
    numRuns: number;
    countsTopics?: boolean;
  },
): Promise<void> {
  const commands = fc.commands<Model, RealSystem, false>([...kinds], { maxCommands: 60, size: "max" });
  await fc.assert(
    fc.asyncProperty(commands, async (all) => {
      const model = new Model({ countsTopics });
      const real = new RealSystem(model, (await environments()).map((one) => ({ ...RETENTION, ...one })));
      await real.start();
      try {
        await fc.asyncModelRun(() => ({ model, real }), all);
        for (const [index] of DEVICES.entries()) await new Connect(index).run(model, real);
        assertEquals(real.devices.every(({ isConnected }) => isConnected), true);
      } finally {
        await real.stop();
      }
    }),
    { numRuns, endOnFailure: true },
  );
}

Deno.test("All devices and inboxes agree with the model on what is read, with the memory journal", async () => {
  const environments = () => Promise.resolve([{ TIDINGS_JOURNAL: "memory:" }]);
  await assertModel(TIMED, { environments, numRuns: 100 });
});

Deno.test("All devices and inboxes agree with the model on what is read, with the SQLite journal and restarts", async () => {
  const folder = await Deno.makeTempDir();
  let runs = 0;
  const environments = () =>
    Promise.resolve([{ TIDINGS_JOURNAL: `sqlite:${folder}/${++runs}.db?synchronous=normal` }]);
  await assertModel([...TIMED, fc.constant(new Restart())], { environments, numRuns: 20 });
  await Deno.remove(folder, { recursive: true });
});

testWithNats(
  "All devices and inboxes agree with the model on what is read, on two nodes with NATS",
  async () => {
    await using server = await NatsServer.started();
    let runs = 0;
    const environments = () => {
      const TIDINGS_JOURNAL = `nats://127.0.0.1:${server.port}/?stream=marks${++runs}`;
      const node = { TIDINGS_JOURNAL, TIDINGS_RETENTION_SECONDS: "3600" }; // by the server's clock
      return Promise.resolve([node, node]);
    };
    await assertModel(COMMANDS, { environments, numRuns: 12, countsTopics: false });
  },
);
