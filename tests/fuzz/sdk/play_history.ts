/** Plays a history at the SDK in simulated time, and checks that the page has received what it must. */

import { FakeFetch } from "../network/fake_fetch.ts";
import { socketClass } from "../network/fake_socket.ts";
import { SimWorld } from "../network/sim_world.ts";
import type { Tally } from "../tally.ts";
import { expect } from "../violation.ts";
import { checkDelivery } from "./delivery_check.ts";
import { Page } from "./page.ts";
import { ScriptedService } from "./scripted_service.ts";
import type { Message, SdkHistory, Step } from "./sdk_history.ts";
import { keyOf, wireMessage, wireNotification } from "./wire_messages.ts";

/** A close that a server does not answer takes a browser as long. */
const UNANSWERED_CLOSE_MS = 60_000;
/** A post of the last acks may still be under way after `close()`. */
const REQUEST_MS = 10_001;
const CALM_MS = 120_000;
/** The SDK gives up what was sent ten times without an answer, each of which takes ten seconds to be missed. */
const MAX_SILENT_MS = 60_000;
const LAST = { number: 999, epoch: 0 } as const;

/** @throws {Violation} */
export async function playHistory(history: SdkHistory, tally: Tally): Promise<void> {
  let service: ScriptedService | undefined, http: FakeFetch | undefined;
  await using world = new SimWorld(history.seed, (world) => {
    const server = service = new ScriptedService(world, history.attempts);
    http = new FakeFetch(world, server.answer);
    const closeMs = () => server.answering === "nothing" ? UNANSWERED_CLOSE_MS : 10;
    const WebSocket = history.options.hasWebSocket ? socketClass({ world, server, closeMs }) : undefined;
    return { WebSocket, fetch: http.fetch };
  });
  if (service === undefined || http === undefined) return;
  const server = service;
  let page: Page | undefined;
  await world.act(() => page = new Page(world, { service: server, options: history.options }));
  await world.run(0);
  if (page === undefined) return;
  const player = new Player({ world, page, service, tally });
  try {
    for (const step of history.steps) await player.play(step);
    await player.calm(history);
    await player.close(http);
  } finally {
    await world.abandon(() => page?.close());
  }
}

class Player {
  readonly #world: SimWorld;
  readonly #page: Page;
  readonly #service: ScriptedService;
  readonly #tally: Tally;
  /** The ids of what the page must have acked in the end. */
  readonly #owed = new Set<string>();
  #silentMs = 0;

  constructor(parts: { world: SimWorld; page: Page; service: ScriptedService; tally: Tally }) {
    this.#world = parts.world;
    this.#page = parts.page;
    this.#service = parts.service;
    this.#tally = parts.tally;
  }

  async play(step: Step): Promise<void> {
    await this.#world.run(step.afterMs);
    if (this.#service.answering !== "everything") this.#silentMs += step.afterMs;
    if (step.do === "frame") return await this.#deliver(step.messages);
    if (step.do === "text") return await this.#deliverText(step.text, []);
    await this.#world.act(() => this.#do(step));
    await this.#world.run(0);
  }

  /** The service is well again: the page connects, receives one more notification, and has acked everything. */
  async calm({ options }: SdkHistory): Promise<void> {
    const page = this.#page, service = this.#service, world = this.#world;
    service.calm();
    for (let time = 0; time < 2; time++) { // what is refused at the first may come with a wait of an hour
      await world.act(() => page.dispatch("online"));
      await world.run(CALM_MS);
    }
    this.#tally.add(page.state);
    if (page.isOver) return this.#checkEnd();
    expect(
      page.state === "open",
      () => `all is well for ${CALM_MS / 1_000} s, and the state is ${page.state}`,
    );
    await this.#deliver([{ is: "notification", ...LAST }]);
    await world.run(CALM_MS);
    if (page.isOver) return;
    if (options.ack === "auto" && this.#silentMs < MAX_SILENT_MS) {
      const lost = [...this.#owed].filter((id) => !service.acked.has(id));
      expect(lost.length === 0, () => `these were never acked: ${lost}`);
    }
    const unsent = page.sent.filter((one) => !service.messages.has(one));
    expect(
      unsent.length === 0 || page.errors > 0,
      () => `a message is lost without an error: ${unsent[0]?.slice(0, 100)}`,
    );
  }

  /** Closes the page. Nothing of it is left then, and nothing brings it back. */
  async close({ pending }: FakeFetch): Promise<void> {
    const page = this.#page, world = this.#world, service = this.#service;
    await world.act(() => page.close());
    await world.run(REQUEST_MS);
    if (page.isClosed) this.#checkTimers();
    await world.run(2 * UNANSWERED_CLOSE_MS);
    expect(page.isClosed, () => "close() has not resolved after two minutes");
    this.#checkTimers();
    expect(service.sockets.every(({ isGone }) => isGone), () => "a socket is still open after close()");
    expect(pending === 0, () => `${pending} requests are still open after close()`);
    const attempts = service.attemptsAt.length;
    for (const type of ["offline", "online", "visibilitychange", "pageshow", "pagehide"]) {
      await world.act(() => page.dispatch(type));
      await world.run(5_000);
    }
    expect(service.attemptsAt.length === attempts, () => "it has connected after close()");
    page.loops.check(page.delivered);
  }

  #do(step: Exclude<Step, { readonly do: "frame" | "text" }>): void {
    const { end } = this.#service, page = this.#page;
    switch (step.do) {
      case "close":
        return "code" in step ? this.#closeByServer(step.code) : page.close();
      case "cut":
        return end?.cut();
      case "answers":
        return void (this.#service.answering = step.with);
      case "ack":
        return page.tidings.ack(...step.ids.map((number) => `n${number}`));
      case "send":
        return page.send(step.size);
      case "event":
        return page.dispatch(step.type);
      default:
        return page[step.do]();
    }
  }

  #closeByServer(code: number): void {
    if (Math.floor(code / 100) === 40) this.#service.mayEnd = true;
    this.#service.end?.close(code);
  }

  async #deliver(messages: readonly Message[]): Promise<void> {
    const { end } = this.#service;
    if (messages.some((one) => one.is === "welcome" && one.target !== "alexander")) {
      this.#service.mayEnd = true;
    }
    await this.#deliverText(JSON.stringify(messages.map((one) => wireMessage(one, end?.id ?? ""))), messages);
  }

  async #deliverText(text: string, messages: readonly Message[]): Promise<void> {
    const { end } = this.#service, page = this.#page, before = page.delivered.length;
    const isWrong = messages.length === 0 || messages.some(({ is }) => is === "unknown" || is === "welcome");
    if (isWrong && end !== null) end.isBroken = true;
    const isRight = end?.isWelcomed === true && !end.isBroken && !page.isOver;
    let isReceived = false;
    await this.#world.act(() => void (isReceived = end?.deliver(text) ?? false));
    await this.#world.run(0);
    const keys = messages.flatMap((one) => one.is === "notification" ? [keyOf(wireNotification(one))] : []);
    this.#tally.add(isReceived ? "frame" : "frame to nobody");
    if (messages.length === 0) return; // text that may have said anything
    checkDelivery({ keys, isComplete: isRight && isReceived }, { page, before });
    if (isRight && isReceived && !page.isOver) {
      keys.forEach((key) => this.#owed.add(key.split(" ").at(-1) ?? ""));
    }
  }

  #checkTimers(): void {
    const { timers } = this.#world;
    expect(timers.length === 0, () => `these timers still run after close(): ${timers}`);
  }

  #checkEnd(): void {
    const page = this.#page;
    const isExpected = this.#service.mayEnd || page.hasSignedOut || page.isAskedToClose;
    expect(isExpected, () => `nothing was final, and it has closed: ${page.tidings.status.reason}`);
  }
}
