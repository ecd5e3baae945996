/** Plays a history at the inbox in simulated time, and checks that it shows what the service has once all is well. */

import { FakeFetch } from "../network/fake_fetch.ts";
import { socketClass } from "../network/fake_socket.ts";
import { SimWorld } from "../network/sim_world.ts";
import { ScriptedService } from "../sdk/scripted_service.ts";
import { wireNotification } from "../sdk/wire_messages.ts";
import type { Tally } from "../tally.ts";
import { expect } from "../violation.ts";
import type { InboxHistory, InboxStep } from "./inbox_history.ts";
import { InboxPage } from "./inbox_page.ts";
import { pageOf, ScriptedInbox } from "./scripted_inbox.ts";

const CALM_MS = 120_000;
const REQUEST_MS = 10_001;

/** @throws {Violation} */
export async function playInbox(history: InboxHistory, tally: Tally): Promise<void> {
  const parts: { service?: ScriptedService; pages?: ScriptedInbox; page?: InboxPage } = {};
  await using world = new SimWorld(history.seed, (world) => {
    const service = parts.service = new ScriptedService(world, []);
    const pages = parts.pages = new ScriptedInbox(world, history.answers);
    const { fetch } = new FakeFetch(
      world,
      (request) => request.path === "/v1/inbox" ? pages.answer(request) : service.answer(request),
    );
    return { WebSocket: socketClass({ world, server: service, closeMs: () => 10 }), fetch };
  });
  await world.act(() => parts.page = new InboxPage(world));
  await world.run(0);
  const { service, pages, page } = parts;
  if (service === undefined || pages === undefined || page === undefined) return;
  const player = new Player({ world, service, pages, page });
  try {
    for (const step of history.steps) await player.play(step);
    await player.calm();
    tally.add(page.inbox.state);
    await player.close();
  } finally {
    await world.abandon(() => page.close());
  }
}

class Player {
  readonly #world: SimWorld;
  readonly #service: ScriptedService;
  readonly #pages: ScriptedInbox;
  readonly #page: InboxPage;

  constructor(
    parts: { world: SimWorld; service: ScriptedService; pages: ScriptedInbox; page: InboxPage },
  ) {
    this.#world = parts.world;
    this.#service = parts.service;
    this.#pages = parts.pages;
    this.#page = parts.page;
  }

  async play(step: InboxStep): Promise<void> {
    await this.#world.run(step.afterMs);
    await this.#world.act(() => this.#do(step));
    await this.#world.run(0);
  }

  /** The service is well again, and sends that something was missed, after which the page asks for everything. */
  async calm(): Promise<void> {
    const world = this.#world, { inbox } = this.#page;
    this.#pages.calm();
    await world.act(() => this.#service.end?.cut());
    await world.run(CALM_MS);
    await world.act(() => this.#deliver([{ type: "missed" }]));
    await world.run(CALM_MS);
    expect(
      this.#page.tidings.state === "open",
      () => `all is well, and the state is ${this.#page.tidings.state}`,
    );
    expect(inbox.state === "ready", () => `all is well, and the inbox is ${inbox.state}: ${inbox.reason}`);
    expect(this.#page.loading === 0, () => "loadMore() has not settled in a minute");
    const right = pageOf(this.#pages.count, null);
    const shown = inbox.items.slice(0, right.notifications.length).map(({ position, read }) => ({
      position,
      read,
    }));
    const expected = right.notifications.map(({ position, read }) => ({ position, read }));
    expect(
      JSON.stringify(shown) === JSON.stringify(expected) && inbox.unread === right.unread,
      () =>
        `the inbox shows ${JSON.stringify([inbox.unread, shown])}, not ${
          JSON.stringify([right.unread, expected])
        }`,
    );
  }

  async close(): Promise<void> {
    const world = this.#world;
    await world.act(() => this.#page.close());
    await world.run(REQUEST_MS);
    expect(world.timers.length === 0, () => `these timers still run after close(): ${world.timers}`);
  }

  #do(step: InboxStep): void {
    const { inbox } = this.#page;
    switch (step.do) {
      case "notify": {
        const numbers = Array.from({ length: step.count }, () => ++this.#pages.count);
        return this.#deliver(numbers.map((number) => wireNotification({ number, epoch: 0 })));
      }
      case "text":
        return void this.#service.end?.deliver(step.text);
      case "missed":
        return this.#deliver([{ type: "missed" }]);
      case "cut":
        return this.#service.end?.cut();
      case "read all":
        return inbox.readAll();
      case "load more":
        return void this.#page.scroll(1);
      case "scroll":
        return void this.#page.scroll(Infinity);
      default: {
        const item = inbox.items[step.at];
        if (item !== undefined) inbox[step.do === "read" ? "read" : "markUnread"](item);
      }
    }
  }

  #deliver(messages: readonly unknown[]): void {
    this.#service.end?.deliver(JSON.stringify(messages));
  }
}
