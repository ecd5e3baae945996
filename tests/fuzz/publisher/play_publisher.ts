/** Plays a history at the publisher in simulated time, and checks that each call is settled, once and rightly. */

import { FakeFetch } from "../network/fake_fetch.ts";
import { socketClass } from "../network/fake_socket.ts";
import { SimWorld } from "../network/sim_world.ts";
import type { Tally } from "../tally.ts";
import { expect } from "../violation.ts";
import { Backend } from "./backend.ts";
import type { PublisherHistory, PublisherStep } from "./publisher_history.ts";
import { ScriptedPublishService } from "./scripted_publish_service.ts";

/** A wait of an hour that the server has asked for, and another one. */
const CALM_MS = 3 * 3_600_000;
const CLOSING_MS = 10_000;
const CLOSE_MS = 50;

/** @throws {Violation} */
export async function playPublisher(history: PublisherHistory, tally: Tally): Promise<void> {
  let service: ScriptedPublishService | undefined, http: FakeFetch | undefined, backend: Backend | undefined;
  await using world = new SimWorld(history.seed, (world) => {
    const server = service = new ScriptedPublishService(world, history);
    http = new FakeFetch(world, server.answer);
    return { WebSocket: socketClass({ world, server, closeMs: () => CLOSE_MS }), fetch: http.fetch };
  });
  if (service === undefined || http === undefined) return;
  const server = service;
  await world.act(() => backend = new Backend(world, server));
  if (backend === undefined) return;
  const parts = { world, service, http, backend };
  try {
    for (const step of history.steps) await play(step, parts);
    await rest(parts, tally);
  } finally {
    await world.abandon(() => backend?.abort());
  }
}

interface Parts {
  readonly world: SimWorld;
  readonly service: ScriptedPublishService;
  readonly http: FakeFetch;
  readonly backend: Backend;
}

async function play(step: PublisherStep, { world, service, backend }: Parts): Promise<void> {
  await world.run(step.afterMs);
  await world.act(() => {
    switch (step.do) {
      case "notify":
        return backend.notify(step);
      case "notify nothing JSON can say":
        return backend.notifyNothing();
      case "close":
        return backend.close();
      case "abort":
        return backend.abort();
      case "cut":
        return service.socket?.end(1006);
      case "closed by the server":
        if (Math.floor(step.code / 100) === 40) service.mayEnd = true;
        return service.socket?.end(step.code, "the script closes it");
      case "text":
        return service.say(step.text);
    }
  });
  await world.run(0);
}

/** The service is well again: every call is settled, and nothing is left after `close()`. */
async function rest({ world, service, http, backend }: Parts, tally: Tally): Promise<void> {
  service.calm();
  await world.run(CALM_MS);
  const open = backend.calls.filter(({ settled }) => settled === null).map(({ number }) => number);
  expect(open.length === 0, () => `all is well for hours, and these calls are not settled: ${open}`);
  expect(
    !backend.hasEnded || service.mayEnd || backend.isOver,
    () => "nothing was final, and the publisher is closed for good",
  );
  for (const { settled } of backend.calls) tally.add(settled ?? "open");
  tally.add("connection", service.attempts);
  await world.act(() => backend.close());
  await world.run(CLOSING_MS);
  expect(backend.isClosed, () => `close() has not resolved after ${CLOSING_MS / 1_000} s`);
  expect(world.timers.length === 0, () => `these timers still run after close(): ${world.timers}`);
  expect(service.sockets.every(({ isGone }) => isGone), () => "a socket is still open after close()");
  expect(http.pending === 0, () => `${http.pending} requests are still open after close()`);
}
