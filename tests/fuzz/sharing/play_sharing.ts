/** Plays a history of tabs that share a connection in simulated time. */

import { FakeFetch } from "../network/fake_fetch.ts";
import { socketClass } from "../network/fake_socket.ts";
import { SimWorld } from "../network/sim_world.ts";
import { replace } from "../../simulation/runtime/globals.ts";
import { ScriptedService } from "../sdk/scripted_service.ts";
import { URL } from "../sdk/page.ts";
import { keyOf, wireNotification } from "../sdk/wire_messages.ts";
import type { Tally } from "../tally.ts";
import { expect } from "../violation.ts";
import { FakeOrigin } from "./fake_origin.ts";
import type { SharingHistory, SharingStep } from "./sharing_history.ts";
import { SharingTab } from "./sharing_tab.ts";

const CALM_MS = 120_000;
const REQUEST_MS = 10_001;
const MAX_TABS = 4;
const LAST = wireNotification({ number: 999, epoch: 0 });
const KEY = `tidings ${URL} fuzz`, POSITION = /^[0-9a-z]{8}-[0-9a-z]{11}(-[0-9a-z]{6})*$/;

/** @throws {Violation} */
export async function playSharing(history: SharingHistory, tally: Tally): Promise<void> {
  const parts: { service?: ScriptedService; origin?: FakeOrigin } = {};
  await using world = new SimWorld(history.seed, (world) => {
    const service = parts.service = new ScriptedService(world, []),
      origin = parts.origin = new FakeOrigin(world);
    const { fetch } = new FakeFetch(world, service.answer), { BroadcastChannel, storage } = origin;
    const WebSocket = socketClass({ world, server: service, closeMs: () => 10 });
    return { WebSocket, fetch, BroadcastChannel, localStorage: storage };
  });
  const { service, origin } = parts;
  if (service === undefined || origin === undefined) return;
  const restore = replace(navigator, { locks: origin.locks });
  const player = new Player({ world, service, origin, stored: history.stored });
  try {
    for (const step of history.steps) await player.play(step);
    await player.calm(tally);
    await player.close();
  } finally {
    await world.abandon(() => player.abandon());
    restore();
  }
}

class Player {
  readonly #world: SimWorld;
  readonly #service: ScriptedService;
  readonly #origin: FakeOrigin;
  readonly #stored: (string | null)[];
  readonly #tabs: SharingTab[] = [];
  /** True once the other script has said that the connection has ended, or that it is another user's. */
  #mayEnd = false;

  constructor(
    parts: {
      world: SimWorld;
      service: ScriptedService;
      origin: FakeOrigin;
      stored: readonly (string | null)[];
    },
  ) {
    this.#world = parts.world;
    this.#service = parts.service;
    this.#origin = parts.origin;
    this.#stored = [...parts.stored];
  }

  async play(step: SharingStep): Promise<void> {
    await this.#world.run(step.afterMs);
    await this.#world.act(() => this.#do(step));
    await this.#world.run(0);
  }

  /** The other script is silent: all tabs are connected, and receive what comes, over one connection. */
  async calm(tally: Tally): Promise<void> {
    const world = this.#world, service = this.#service;
    await world.act(() => this.#open());
    await world.run(CALM_MS);
    await world.act(() => service.end?.cut());
    await world.run(CALM_MS);
    const open = this.#tabs.filter(({ tidings }) => tidings.state === "open");
    tally.add("open", open.length);
    tally.add("ended", this.#tabs.length - open.length);
    if (this.#mayEnd) return;
    expect(
      open.length === this.#tabs.length,
      () => `the tabs are ${this.#tabs.map(({ tidings }) => tidings.state)}`,
    );
    await world.act(() => service.end?.deliver(JSON.stringify([LAST])));
    await world.run(CALM_MS);
    const missing = this.#tabs.filter(({ delivered }) => !delivered.includes(keyOf(LAST)));
    expect(
      missing.length === 0,
      () => `${missing.length} of ${this.#tabs.length} tabs did not receive the last one`,
    );
    const sockets = service.sockets.filter(({ isGone }) => !isGone).length;
    expect(sockets === 1, () => `${sockets} sockets are open for the tabs of one user`);
  }

  async close(): Promise<void> {
    await this.#world.act(() => this.abandon());
    await this.#world.run(REQUEST_MS);
    const { timers } = this.#world;
    expect(timers.length === 0, () => `these timers still run after close(): ${timers}`);
    expect(this.#origin.names.size === 0, () => "a channel is open after close()");
  }

  abandon(): void {
    for (const tab of this.#tabs.splice(0)) tab.close();
  }

  #do(step: SharingStep): void {
    switch (step.do) {
      case "open":
        return this.#open();
      case "cut":
        return this.#service.end?.cut();
      case "return":
        return void globalThis.dispatchEvent(new Event("visibilitychange"));
      case "close":
        return this.#tabs.splice(step.tab % (this.#tabs.length + 1), 1)[0]?.close();
      case "mark":
        return void this.#tabs[step.tab]?.tidings.mark({
          type: "read",
          positions: ["aaaaaaaa-00000000001"],
          ref: "r",
        });
      case "notify":
        return void this.#service.end?.deliver(
          JSON.stringify([wireNotification({ number: step.number, epoch: 0 })]),
        );
      case "post":
        return this.#post(step.text);
    }
  }

  #open(): void {
    if (this.#tabs.length >= MAX_TABS) return;
    const stored = this.#stored.shift() ?? null;
    if (stored !== null) this.#origin.storage[KEY] = stored;
    const tab = new SharingTab(this.#world), { position } = tab.tidings;
    if (position !== null && !POSITION.test(position)) {
      this.#world.fault(`it resumes after what is no position: ${position}`);
    }
    this.#tabs.push(tab);
  }

  #post(text: string): void {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      data = text;
    }
    this.#mayEnd ||= /"end"|target/.test(text.replace('"target":"alexander"', ""));
    for (const name of this.#origin.names) this.#origin.post(name, data);
  }
}
