/** Replaces the runtime's clock, timers and randomness while a history is played, so that the real code runs unchanged. */

import type { SimEvent } from "./event_queue.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

type Callback = (...parameters: unknown[]) => void;

const MIN_TIMER_MS = 1; // as in browsers and in Deno

/** Puts the real ones back when it is disposed of. */
export function simulateGlobals(scheduler: Scheduler, random: Random): Disposable {
  const timers = new Map<number, SimEvent>();
  let lastId = 0;

  function start(id: number, ms: number, run: () => void): number {
    timers.set(id, scheduler.after(Math.max(ms, MIN_TIMER_MS), { label: `timer ${ms}` }, run));
    return id;
  }

  function setTimeout(callback: Callback, ms = 0, ...parameters: unknown[]): number {
    const id = ++lastId;
    return start(id, ms, () => {
      timers.delete(id);
      callback(...parameters);
    });
  }

  function setInterval(callback: Callback, ms = 0, ...parameters: unknown[]): number {
    const id = ++lastId;
    const run = () => {
      start(id, ms, run);
      callback(...parameters);
    };
    return start(id, ms, run);
  }

  function clear(id: number | undefined): void {
    const event = timers.get(id ?? 0);
    if (event !== undefined) event.isCancelled = true;
    timers.delete(id ?? 0);
  }

  function getRandomValues<T extends Uint32Array | BigUint64Array | Uint8Array>(array: T): T {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.forEach((_, index) => bytes[index] = random.below(256));
    return array;
  }

  function randomUUID(): string {
    const digits = Array.from({ length: 32 }, () => random.below(16).toString(16)).join("");
    return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-4$3-a$4-");
  }

  const restore = [
    replace(globalThis, {
      setTimeout,
      setInterval,
      clearTimeout: clear,
      clearInterval: clear,
      setImmediate: (run: Callback, ...parameters: unknown[]) => scheduler.nextTurn(() => run(...parameters)),
    }),
    replace(Date, { now: () => scheduler.clock() }),
    replace(performance, { now: () => scheduler.now }),
    replace(Math, { random: () => random.next() }),
    replace(crypto, { getRandomValues, randomUUID }),
  ];
  return { [Symbol.dispose]: () => restore.forEach((one) => one()) };
}

/** Replaces properties of an object, and returns what puts the former ones back. */
export function replace(object: object, replacements: Readonly<Record<string, unknown>>): () => void {
  const names = Object.keys(replacements);
  const former = names.map((name) => [name, Object.getOwnPropertyDescriptor(object, name)] as const);
  for (const [name, value] of Object.entries(replacements)) {
    Object.defineProperty(object, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of former) {
      if (descriptor === undefined) Reflect.deleteProperty(object, name);
      else Object.defineProperty(object, name, descriptor);
    }
  };
}
