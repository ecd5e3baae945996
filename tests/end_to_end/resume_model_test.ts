/** Tests of resuming against a simple model, with random sequences of commands. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { eventually } from "../eventually.ts";
import { Model, RealSystem, REPORT_MS, RETENTION_SECONDS, TARGETS } from "./resume_model.ts";

const JOURNALS = ["memory", "sqlite"] as const;

type Command = fc.AsyncCommand<Model, RealSystem>;

class Notify implements Command {
  constructor(readonly targets: readonly (string | null)[], readonly ttl: number | null) {}

  check = () => true;

  async run(model: Model, real: RealSystem): Promise<void> {
    const notifications = this.targets.map((target) => {
      const n = model.sent.length;
      const seconds = Math.min(this.ttl ?? Infinity, RETENTION_SECONDS);
      const hasOwnTtl = seconds < RETENTION_SECONDS;
      model.sent.push({
        id: `id-${n}`,
        n,
        target,
        hasOwnTtl,
        at: model.now,
        expiresAt: model.now + seconds * 1000,
      });
      for (const [index, tab] of model.tabs.entries()) if (tab.isConnected) model.offer(index);
      const to = target === null ? { everyone: true } : { target };
      return { ...to, id: `id-${n}`, data: n, ...(this.ttl !== null && { ttl: this.ttl }) };
    });
    await real.service.notify(notifications);
    await real.assertAgrees();
  }

  toString = () => `notify(${this.targets}, ttl ${this.ttl})`;
}

class Connect implements Command {
  constructor(readonly index: number) {}

  check = (model: Readonly<Model>) => !model.tab(this.index).isConnected;

  async run(model: Model, real: RealSystem): Promise<void> {
    const tab = model.tab(this.index);
    tab.connections++;
    if (tab.connections === 1 && !tab.isFresh) tab.offered = model.sent.length; // it did not ask for earlier ones
    const { isLost, anyLost } = model.offer(this.index);
    tab.isConnected = true;
    await real.tab(this.index).connect(real.service.port);
    const recovered = real.tab(this.index).recovered.at(-1);
    if (tab.connections === 1) assertEquals(recovered, null);
    else if (isLost) assertEquals(recovered, false);
    else if (!anyLost) assertEquals(recovered, true);
    await real.assertAgrees();
  }

  toString = () => `connect(${this.index})`;
}

class Disconnect implements Command {
  constructor(readonly index: number) {}

  check = (model: Readonly<Model>) => model.tab(this.index).isConnected;

  async run(model: Model, real: RealSystem): Promise<void> {
    model.tab(this.index).isConnected = false;
    await real.tab(this.index).disconnect();
  }

  toString = () => `disconnect(${this.index})`;
}

/** Acks the tab's latest notification, which it may have acked before, or received on another connection. */
class Ack implements Command {
  constructor(readonly index: number) {}

  check = (model: Readonly<Model>) => {
    const { isConnected, expected } = model.tab(this.index);
    const newest = expected.at(-1);
    if (!isConnected || newest === undefined || !model.reports.has(`id-${newest}`)) return false;
    return model.now < (model.sent[newest]?.at ?? 0) + REPORT_MS;
  };

  async run(model: Model, real: RealSystem): Promise<void> {
    const { expected, connections } = model.tab(this.index);
    const id = `id-${expected.at(-1)}`;
    const report = model.reports.get(id);
    if (report?.sent.has(`${this.index}.${connections}`)) report.acked.add(`${this.index}.${connections}`);
    real.tab(this.index).send({ type: "ack", ids: [id, "unknown"] });
    await eventually(async () => {
      const { sent, acked } = await (await fetch(`${real.service.url}/v1/notifications/${id}`)).json();
      return sent === report?.sent.size && acked === report?.acked.size;
    }, `${report?.sent.size} sent and ${report?.acked.size} acked`);
  }

  toString = () => `ack(${this.index})`;
}

class PassTime implements Command {
  constructor(readonly seconds: number) {}

  check = () => true;

  run(model: Model): Promise<void> {
    model.now += this.seconds * 1000;
    return Promise.resolve();
  }

  toString = () => `pass(${this.seconds} s)`;
}

class Restart implements Command {
  check = () => true;

  async run(model: Model, real: RealSystem): Promise<void> {
    await Promise.all(real.tabs.map((tab) => tab.disconnect()));
    for (const tab of model.tabs) tab.isConnected = false;
    model.reports.clear(); // reports are kept in memory only
    await real.service.stop();
    await real.start();
  }

  toString = () => "restart";
}

const target = fc.constantFrom("alexander", "burr", null);
const tab = fc.nat({ max: TARGETS.length - 1 });
const COMMANDS = [
  fc.record({
    targets: fc.array(target, { minLength: 1, maxLength: 4 }),
    ttl: fc.constantFrom(null, null, 5, 600),
  }).map(({ targets, ttl }) => new Notify(targets, ttl)),
  tab.map((index) => new Connect(index)),
  tab.map((index) => new Disconnect(index)),
  tab.map((index) => new Ack(index)),
  fc.constantFrom(1, 6, 61).map((seconds) => new PassTime(seconds)),
];

for (const journal of JOURNALS) {
  const kinds = journal === "memory" ? COMMANDS : [...COMMANDS, fc.constant(new Restart())];

  Deno.test(`A tab receives each notification once and in order, as the model expects, with the ${journal} journal`, async () => {
    const commands = fc.commands<Model, RealSystem, false>(kinds, { maxCommands: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(commands, async (all) => {
        const folder = await Deno.makeTempDir();
        const url = journal === "memory" ? "memory:" : `sqlite:${folder}/j.db?synchronous=normal`;
        const model = new Model();
        const real = new RealSystem(model, {
          TIDINGS_JOURNAL: url,
          TIDINGS_RETENTION_SECONDS: `${RETENTION_SECONDS}`,
        });
        await real.start();
        try {
          await fc.asyncModelRun(() => ({ model, real }), all);
        } finally {
          await Promise.all(real.tabs.map((tab) => tab.disconnect()));
          await real.service.stop();
          await Deno.remove(folder, { recursive: true });
        }
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
}
