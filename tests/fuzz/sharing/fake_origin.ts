/** What the tabs of an origin share in a browser: channels, locks and a storage. */

import type { Locks } from "../../../src/client/browser.ts";
import type { SimWorld } from "../network/sim_world.ts";

export class FakeOrigin {
  readonly storage: Record<string, string> = {};
  /** The class that takes the place of `BroadcastChannel`. */
  readonly BroadcastChannel: new (name: string) => FakeChannel;
  readonly #channels = new Set<FakeChannel>();
  readonly #world: SimWorld;
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(world: SimWorld) {
    this.#world = world;
    const join = (channel: FakeChannel) => this.#channels.add(channel);
    const leave = (channel: FakeChannel) => this.#channels.delete(channel);
    const post = (data: unknown, from: FakeChannel) => this.post(from.name, data, from);
    this.BroadcastChannel = class extends FakeChannel {
      constructor(name: string) {
        super(name, { leave, post });
        join(this);
      }
    };
  }

  /** The names of the channels that are open. */
  get names(): ReadonlySet<string> {
    return new Set([...this.#channels].map(({ name }) => name));
  }

  /** Each receives its own copy, in a later turn. */
  post(name: string, data: unknown, from: FakeChannel | null = null): void {
    for (const channel of this.#channels) {
      if (channel === from || channel.name !== name) continue;
      const copy = structuredClone(data);
      this.#world.after(0, () => this.#channels.has(channel) && channel.onmessage?.({ data: copy }));
    }
  }

  readonly locks: Locks = {
    request: async (name, { signal }, hold) => {
      const before = this.#tails.get(name), { promise, resolve } = Promise.withResolvers<void>();
      this.#tails.set(name, Promise.all([before, promise]));
      try {
        await Promise.race([before, aborted(signal)]);
        return await hold();
      } finally {
        resolve();
      }
    },
  };
}

interface ChannelOptions {
  readonly leave: (channel: FakeChannel) => void;
  readonly post: (data: unknown, from: FakeChannel) => void;
}

export class FakeChannel {
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  readonly name: string;
  readonly #options: ChannelOptions;

  constructor(name: string, options: ChannelOptions) {
    this.name = name;
    this.#options = options;
  }

  postMessage(data: unknown): void {
    this.#options.post(data, this);
  }

  close(): void {
    this.#options.leave(this);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
