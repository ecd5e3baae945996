/** Plays a history: its steps, then rest, and then the end. Every promise is checked on the way. */

import { Publisher } from "../clients/publisher.ts";
import { Tab } from "../clients/tab.ts";
import { Cluster } from "../nodes/cluster.ts";
import type { SimNode } from "../nodes/sim_node.ts";
import { LiveCheck } from "../promises/live_check.ts";
import { checkEnd } from "../promises/end_check.ts";
import { checkRunning } from "../promises/running_check.ts";
import { checkSettled, type Settled } from "../promises/settled_check.ts";
import type { Violation } from "../promises/verdict.ts";
import { simulateGlobals } from "../runtime/globals.ts";
import { World } from "../runtime/world.ts";
import type { History, Step } from "./step.ts";

/** What has become of a history. */
export interface Outcome {
  /** Undefined: every promise was kept. */
  readonly violation: Violation | undefined;
  /** The index of the step that was taken last; the number of steps if all of them were. */
  readonly step: number;
  readonly trace: string;
  /** The number of lines of the trace. */
  readonly events: number;
  /** How long it was, in milliseconds of its own time. */
  readonly ms: number;
  readonly notifications: number;
}

const CHECK_AFTER_MS = 3_000;
const MIN_LOOK_MS = 500;
const REST_MS = { toConnect: 55_000, toSettle: 10_000, toLeave: 8_000, calm: 3_000 };

export async function play(history: History): Promise<Outcome> {
  const world = new World(history.setting);
  using _globals = simulateGlobals(world.scheduler, world.random("globals"));
  using _rejections = catchRejections((error) => world.verdict.broken("errors", describe(error)));
  const player = new Player(world);
  try {
    await player.play(history.steps);
  } catch (error) {
    world.verdict.broken("errors", describe(error));
  }
  const { verdict: { violation }, trace: { text: trace, length: events }, now: ms, ledger } = world;
  return { violation, step: player.taken, trace, events, ms, notifications: ledger.entries.length };
}

class Player {
  /** How many steps were taken. */
  taken = 0;
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #publisher: Publisher;
  readonly #tabs: readonly Tab[];
  readonly #live: LiveCheck;

  constructor(world: World) {
    this.#world = world;
    const cluster = this.#cluster = new Cluster(world);
    this.#publisher = new Publisher(world, cluster);
    this.#tabs = world.setting.tabs.map((setting, index) =>
      new Tab(world, `tab ${index} of ${setting.target}`, { setting, cluster })
    );
    this.#live = new LiveCheck(world, { tabs: this.#tabs, links: cluster.links });
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (let index = 0; index < this.#world.setting.nodes; index++) await this.#cluster.start(index);
    for (const step of steps) {
      if (this.#world.isOver) return;
      this.#world.trace.note("step", JSON.stringify(step));
      await this.#take(step);
      this.taken++;
      this.#live.check(CHECK_AFTER_MS);
      if (step.do === "wait" && step.ms > MIN_LOOK_MS) checkRunning(this.#world, this.#cluster);
    }
    await this.#rest();
    await this.#inside(checkSettled);
    this.#live.check(0);
    await this.#end();
  }

  /** Everything is healed, and all tabs that were ever open come back. */
  async #rest(): Promise<void> {
    const { scheduler, setting: { nodes } } = this.#world;
    for (let index = 0; index < nodes; index++) {
      await this.#cluster.heal(index);
      await this.#cluster.start(index);
    }
    await scheduler.act(scheduler.outside, () => {
      for (const tab of this.#tabs) tab.rest();
    });
    await scheduler.run(REST_MS.toConnect);
    for (let index = 0; index < nodes; index++) await this.#cluster.start(index);
    await scheduler.act(scheduler.outside, () => {
      for (const tab of this.#tabs) tab.open();
    });
    await scheduler.run(REST_MS.toSettle);
    const isMoving = () => this.#cluster.changedAt > this.#world.now - REST_MS.calm; // tabs are spread over the nodes
    for (let ms = 0; isMoving() && ms < REST_MS.toConnect; ms += REST_MS.calm) {
      await scheduler.run(REST_MS.calm);
    }
  }

  /** All tabs are closed, and then all nodes stop. */
  async #end(): Promise<void> {
    const { scheduler } = this.#world;
    await scheduler.act(scheduler.outside, () => {
      for (const tab of this.#tabs) tab.close();
    });
    await scheduler.run(REST_MS.toLeave);
    await this.#inside(checkEnd);
    const stopping = this.#cluster.nodes;
    for (let index = 0; index < this.#world.setting.nodes; index++) await this.#cluster.stop(index);
    await scheduler.run(REST_MS.toSettle);
    const left = stopping.find(({ process }) => process.isAlive);
    if (left !== undefined) this.#world.verdict.broken("stop", `${left.process.name} does not stop`);
  }

  /** Runs a check in the process of a node, and waits for it. */
  async #inside(check: (settled: Settled, asked: SimNode) => Promise<void>): Promise<void> {
    const [asked] = this.#cluster.nodes, { scheduler } = this.#world;
    if (asked === undefined || this.#world.isOver) return;
    let isDone = false;
    const settled = { world: this.#world, cluster: this.#cluster, tabs: this.#tabs };
    await scheduler.act(asked.process, () => void check(settled, asked).then(() => isDone = true));
    for (let tries = 0; !isDone && tries < 100 && !this.#world.isOver; tries++) await scheduler.run(50);
    if (!isDone) this.#world.verdict.broken("errors", "a node does not answer");
  }

  async #take(step: Step): Promise<void> {
    const { scheduler } = this.#world;
    switch (step.do) {
      case "wait":
        return await scheduler.run(step.ms);
      case "freeze":
        return await this.#cluster.freeze(step.node, step.ms);
      case "isolate":
      case "heal":
      case "stop":
      case "kill":
      case "start":
        return await this.#cluster[step.do](step.node);
      default:
        return await scheduler.act(scheduler.outside, () => this.#act(step));
    }
  }

  #act(
    step: Exclude<Step, { do: "wait" | "freeze" | "isolate" | "heal" | "stop" | "kill" | "start" }>,
  ): void {
    const tab = "tab" in step ? this.#tabs[step.tab] : undefined;
    switch (step.do) {
      case "open":
      case "close":
      case "stall":
      case "flow":
        return tab?.[step.do]();
      case "cut":
        return tab?.cut(step);
      case "mark":
        return tab?.sendMark(step);
      case "notify":
        return this.#publisher.notify(step);
      case "repeat":
        return this.#publisher.repeat(step.back);
      case "mark all":
        return this.#publisher.markAll(step.target);
      case "disconnect":
        return this.#publisher.disconnect(step.target);
      case "gap":
        return this.#cluster.gap(step.node, step.target);
      default:
        step satisfies never;
    }
  }
}

/** Calls back with each rejection that nobody handles, until it is disposed of. */
function catchRejections(onRejection: (error: unknown) => void): Disposable {
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    onRejection(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  return { [Symbol.dispose]: () => globalThis.removeEventListener("unhandledrejection", listener) };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.stack}` : String(error);
}
