/** The lock of a worker's life: it is released when the worker ends, in whatever way, and not before. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { untilReleased } from "../../src/service/life_lock.ts";

const ENTRY = new URL("mortal_worker.ts", import.meta.url);

/** A worker that holds a lock. Disposing it ends it. */
class MortalWorker implements Disposable {
  readonly lock = crypto.randomUUID();
  readonly #orders = new BroadcastChannel("mortal worker");
  readonly #worker = new Worker(ENTRY, { type: "module" });

  static async start(): Promise<MortalWorker> {
    const mortal = new MortalWorker();
    mortal.#worker.onerror = (event) => event.preventDefault();
    await mortal.#hears("ready");
    const held = mortal.#hears("held");
    mortal.#orders.postMessage({ lock: mortal.lock });
    await held;
    return mortal;
  }

  end(end: string): void {
    if (end === "terminate") this.#worker.terminate();
    else this.#orders.postMessage({ lock: this.lock, end });
  }

  async #hears(word: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#orders.onmessage = ({ data }) => data === word && resolve();
    });
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
    this.#orders.close();
  }
}

for (const end of ["throw", "exit", "close", "terminate"]) {
  Deno.test(`untilReleased resolves when a worker ends by ${end}, and no sooner`, async () => {
    using worker = await MortalWorker.start();
    let hasEnded = false;
    const released = untilReleased(worker.lock, new AbortController().signal).then(() => hasEnded = true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(hasEnded, false);
    worker.end(end);
    await released;
  });
}

Deno.test("untilReleased rejects when its signal aborts, and leaves the lock to whoever holds it", async () => {
  using worker = await MortalWorker.start();
  const gone = new AbortController(), released = untilReleased(worker.lock, gone.signal);
  gone.abort();
  const error = await assertRejects(() => released);
  assert(error instanceof DOMException, `${error}`);
});
