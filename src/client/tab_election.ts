/** Sharing: of all tabs of a browser, one leads: it has the connection, and passes on what comes to those that follow. */

import type { Locks } from "./browser.ts";
import type { End } from "./end.ts";
import type { ConnectionStatus } from "./tidings.ts";

/** What tabs tell each other. */
export type TabMessage =
  /** From the leader: what came, word by word. */
  | { readonly frame: string }
  /** How it stands, also for who has just come. */
  | { readonly status: ConnectionStatus; readonly position: string | null }
  /** There is no coming back, for nobody. */
  | { readonly end: End }
  /** To the leader: a tab has come. */
  | { readonly hello: true }
  | { readonly ack: readonly string[] }
  | { readonly message: string }
  /** To itself: it has heard whatever was said before. */
  | { readonly probe: number };

/** What sharing needs. */
export interface TabElectionDeps {
  /** The same for tabs that share. */
  readonly name: string;
  readonly hear: (word: TabMessage) => void;
  readonly signal: AbortSignal;
}

/**
 * The browser gives the lock to one tab, and when that one is closed or dies to the one that has waited longest, at
 * once. The longest waiting has heard all that any other has: what is after its position is all that can be missing.
 */
export class TabElection {
  readonly #deps: TabElectionDeps;
  readonly #locks: Locks;
  readonly #channel: BroadcastChannel;
  readonly #probe = Math.random();
  readonly #heard = Promise.withResolvers<void>();
  #leads = false;

  constructor(deps: TabElectionDeps, locks: Locks) {
    this.#deps = deps;
    this.#locks = locks;
    this.#channel = new BroadcastChannel(deps.name);
    this.#channel.onmessage = ({ data }) =>
      data.probe === this.#probe ? this.#heard.resolve() : deps.hear(data);
    deps.signal.addEventListener("abort", () => {
      this.#channel.close();
      this.#heard.resolve();
    });
    this.tell({ hello: true });
  }

  get leads(): boolean {
    return this.#leads;
  }

  /** To all other tabs; to nobody once it is aborted. */
  tell(word: TabMessage): void {
    if (!this.#deps.signal.aborted) this.#channel.postMessage(word);
  }

  /** Leads when it is this tab's turn, with what resolves when that is over. Resolves with its end. */
  async run(lead: () => Promise<End>): Promise<End> {
    const { name, signal } = this.#deps;
    return await this.#locks.request(name, { signal }, async () => {
      await this.#catchUp();
      if (signal.aborted) return { reason: "closed" };
      this.#leads = true;
      const end = await lead();
      this.tell({ end });
      return end;
    });
  }

  /** The lock may come before the last words of the tab that had it. */
  async #catchUp(): Promise<void> {
    const own = new BroadcastChannel(this.#deps.name); // another one: a channel doesn't hear itself
    own.postMessage({ probe: this.#probe });
    await this.#heard.promise;
    own.close();
  }
}
