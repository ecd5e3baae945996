/** Resuming against a simple model: whatever is posted, cut, acked, expired or restarted, and in which order. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { ReturningTab } from "./returning_tab.ts";
import { Running, soon } from "./running.ts";

const TARGETS = ["alexander", "alexander", "burr"]; // two tabs of one, one of the other
const RETENTION_SECONDS = 60;
const REPORT_MS = 60_000;
const JOURNALS = ["memory", "sqlite"] as const;

interface Sent {
  readonly id: string;
  readonly n: number;
  readonly target: string | null;
  /** It goes before its time, and nobody has missed it then. */
  readonly hasOwnTtl: boolean;
  readonly at: number;
  readonly expiresAt: number;
}

/** What a tab is to have, and up to which notification it has been told. */
interface ModelTab {
  readonly target: string;
  readonly expected: number[];
  told: number;
  connections: number;
  isConnected: boolean;
}

/** What must be true, in its simplest form. */
class Model {
  readonly sent: Sent[] = [];
  readonly tabs: ModelTab[] = TARGETS.map((target) => (
    { target, expected: [], told: 0, connections: 0, isConnected: false }
  ));
  /** By id: the connections that were sent it, and those of them that acked. */
  readonly reports = new Map<string, { sent: Set<string>; acked: Set<string> }>();
  now = Date.UTC(1804, 6, 11);

  /** Tells a tab what it has not been told. True if some is lost to it, or has been to anybody. */
  tell(index: number): { isLost: boolean; anyLost: boolean } {
    const tab = this.tab(index);
    const missing = this.sent.slice(tab.told).filter(({ target }) => (target ?? tab.target) === tab.target);
    for (const one of missing.filter((one) => !this.#isOver(one))) {
      tab.expected.push(one.n);
      const report = this.reports.get(one.id) ?? { sent: new Set(), acked: new Set() };
      report.sent.add(`${index}.${tab.connections}`);
      this.reports.set(one.id, report);
    }
    tab.told = this.sent.length;
    const isLoss = (one: Sent) => this.#isOver(one) && !one.hasOwnTtl;
    return { isLost: missing.some(isLoss), anyLost: this.sent.some(isLoss) };
  }

  tab(index: number): ModelTab {
    const tab = this.tabs[index];
    assert(tab !== undefined);
    return tab;
  }

  #isOver({ expiresAt }: Sent): boolean {
    return expiresAt <= this.now;
  }
}

/** The service, on whose clock time passes as the model says, and its browsers. */
class Real {
  readonly tabs = TARGETS.map((target) => new ReturningTab(target));
  readonly model: Model;
  readonly #environment: Record<string, string>;
  service!: Running;

  constructor(model: Model, environment: Record<string, string>) {
    this.model = model;
    this.#environment = environment;
  }

  async start(): Promise<void> {
    this.service = await Running.started(this.#environment, {}, () => this.model.now);
  }

  tab(index: number): ReturningTab {
    const tab = this.tabs[index];
    assert(tab !== undefined);
    return tab;
  }

  /** Every tab that is connected has what the model says, once and in order. */
  async agrees(): Promise<void> {
    for (const [index, { expected, isConnected }] of this.model.tabs.entries()) {
      if (isConnected) await this.tab(index).hasSoMany(expected.length);
      assertEquals(this.tab(index).got.map(({ data }) => data), expected);
    }
  }
}

type Command = fc.AsyncCommand<Model, Real>;

class Notify implements Command {
  constructor(readonly targets: readonly (string | null)[], readonly ttl: number | null) {}

  check = () => true;

  async run(model: Model, real: Real): Promise<void> {
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
      for (const [index, tab] of model.tabs.entries()) if (tab.isConnected) model.tell(index);
      const to = target === null ? { everyone: true } : { target };
      return { ...to, id: `id-${n}`, data: n, ...(this.ttl !== null && { ttl: this.ttl }) };
    });
    await real.service.notify(notifications);
    await real.agrees();
  }

  toString = () => `notify(${this.targets}, ttl ${this.ttl})`;
}

class Connect implements Command {
  constructor(readonly index: number) {}

  check = (model: Readonly<Model>) => !model.tab(this.index).isConnected;

  async run(model: Model, real: Real): Promise<void> {
    const tab = model.tab(this.index);
    tab.connections++;
    if (tab.connections === 1) tab.told = model.sent.length; // nobody asked for what was before
    const { isLost, anyLost } = model.tell(this.index);
    tab.isConnected = true;
    await real.tab(this.index).connect(real.service.port);
    const recovered = real.tab(this.index).recovered.at(-1);
    if (tab.connections === 1) assertEquals(recovered, null);
    else if (isLost) assertEquals(recovered, false);
    else if (!anyLost) assertEquals(recovered, true);
    await real.agrees();
  }

  toString = () => `connect(${this.index})`;
}

class Disconnect implements Command {
  constructor(readonly index: number) {}

  check = (model: Readonly<Model>) => model.tab(this.index).isConnected;

  async run(model: Model, real: Real): Promise<void> {
    model.tab(this.index).isConnected = false;
    await real.tab(this.index).disconnect();
  }

  toString = () => `disconnect(${this.index})`;
}

/** Acks the newest that the tab has, maybe once more, maybe over another connection than it came. */
class Ack implements Command {
  constructor(readonly index: number) {}

  check = (model: Readonly<Model>) => {
    const { isConnected, expected } = model.tab(this.index);
    const newest = expected.at(-1);
    if (!isConnected || newest === undefined || !model.reports.has(`id-${newest}`)) return false;
    return model.now < (model.sent[newest]?.at ?? 0) + REPORT_MS;
  };

  async run(model: Model, real: Real): Promise<void> {
    const { expected, connections } = model.tab(this.index);
    const id = `id-${expected.at(-1)}`;
    const report = model.reports.get(id);
    if (report?.sent.has(`${this.index}.${connections}`)) report.acked.add(`${this.index}.${connections}`);
    real.tab(this.index).send({ type: "ack", ids: [id, "unknown"] });
    const said = { sent: report?.sent.size, acked: report?.acked.size };
    for (let tries = 1;; tries++) {
      const { sent, acked } = await (await fetch(`${real.service.url}/v1/notifications/${id}`)).json();
      if (sent === said.sent && acked === said.acked) return;
      if (tries === 2_000) assertEquals({ sent, acked }, said);
      await soon();
    }
  }

  toString = () => `ack(${this.index})`;
}

class Pass implements Command {
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

  async run(model: Model, real: Real): Promise<void> {
    await Promise.all(real.tabs.map((tab) => tab.disconnect()));
    for (const tab of model.tabs) tab.isConnected = false;
    model.reports.clear(); // they are in memory
    await real.service.stop();
    await real.start();
  }

  toString = () => "restart";
}

const target = fc.constantFrom("alexander", "burr", null);
const tab = fc.nat({ max: TARGETS.length - 1 });
const EVERYWHERE = [
  fc.record({
    targets: fc.array(target, { minLength: 1, maxLength: 4 }),
    ttl: fc.constantFrom(null, null, 5, 600),
  }).map(({ targets, ttl }) => new Notify(targets, ttl)),
  tab.map((index) => new Connect(index)),
  tab.map((index) => new Disconnect(index)),
  tab.map((index) => new Ack(index)),
  fc.constantFrom(1, 6, 61).map((seconds) => new Pass(seconds)),
];

for (const journal of JOURNALS) {
  const kinds = journal === "memory" ? EVERYWHERE : [...EVERYWHERE, fc.constant(new Restart())];

  Deno.test(`A tab has each notification once and in order, as the model says, with the ${journal} journal`, async () => {
    const commands = fc.commands<Model, Real, false>(kinds, { maxCommands: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(commands, async (all) => {
        const folder = await Deno.makeTempDir();
        const place = journal === "memory" ? "memory:" : `sqlite:${folder}/j.db?synchronous=normal`;
        const model = new Model();
        const real = new Real(model, {
          TIDINGS_JOURNAL: place,
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
