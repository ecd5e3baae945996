/** The receiver in a page: its listeners, its loops over notifications, and how far all of them have received. */

import type { Address } from "./address.ts";
import { messageOf } from "./connection_end.ts";
import { askToShow, createNativeNotifier } from "./native_notifications.ts";
import { LoopQueue } from "./loop_queue.ts";
import { loadPosition, savePosition } from "./position_memory.ts";
import { INITIAL_STATUS } from "./status.ts";
import type {
  ConnectionStatus,
  ConnectOptions,
  Missed,
  ShownNotification,
  TidingsError,
  TidingsEvents,
  TidingsNotification,
  TidingsState,
} from "./tidings.ts";
import { createTidingsError } from "./tidings_error.ts";

/** A connection extends it. What it adds to an `EventTarget` is the SDK's own, except for the public members. */
export abstract class Receiver extends EventTarget {
  readonly url: string;
  status: ConnectionStatus = INITIAL_STATUS;
  position: string | null;
  protected readonly ownOptions: ConnectOptions;
  protected readonly onNative: (notification: TidingsNotification) => void;
  readonly #rememberAs: string | undefined; // the key of the memory
  #rememberedTarget: string | undefined;
  readonly #loops = new Set<LoopQueue<TidingsNotification>>();
  #hasEnded = false;

  constructor({ url }: Address, options: ConnectOptions) {
    super();
    this.url = url;
    const { after = null, remember } = this.ownOptions = options;
    this.#rememberAs = remember && `tidings ${url} ${remember}`;
    const remembered = loadPosition(this.#rememberAs);
    this.#rememberedTarget = remembered?.target;
    this.position = remembered?.position ?? after;
    const onError = (error: unknown) => this.onError(messageOf(error));
    const onShown = (native: ShownNotification) => this.dispatch("shown", native);
    this.onNative = createNativeNotifier(options.showNotification, onError, onShown);
  }

  get state(): TidingsState {
    return this.status.state;
  }

  askToShow(): Promise<"granted" | "denied" | "default"> {
    return askToShow();
  }

  /** @returns a loop over the notifications that arrive from now on */
  notifications(): AsyncIterableIterator<TidingsNotification> {
    const onIdle = () => this.onProgress();
    const loop = new LoopQueue<TidingsNotification>(this.ownOptions.unread ?? 1_000, onIdle);
    if (this.#hasEnded) loop.end();
    else this.#loops.add(loop);
    return loop;
  }

  /**
   * A remembered position of another target would skip what this one has missed. Throws then, before the page or another
   * tab has received anything of the connection, and the next connection begins as if nothing were remembered.
   *
   * @param frame the first one has the welcome alone
   */
  protected checkTarget(frame: string): void {
    if (this.status.target || !this.#rememberedTarget) return;
    const [{ target }] = JSON.parse(frame);
    if (target === this.#rememberedTarget) return;
    this.#rememberedTarget = undefined;
    this.position = this.ownOptions.after ?? null;
    throw new Error("another target");
  }

  /**
   * Remembers the position up to which the page has received everything, while it is connected. Of the loops, which all
   * receive the same, the fullest is the furthest behind. One that was left counts until the next notification: it may
   * have been left because the page is reloaded.
   *
   * @param isAnew the server does not know the position that the connection was to resume after
   */
  protected onProgress(isAnew?: boolean): void {
    const { target, connection } = this.status, key = this.#rememberAs;
    let max = 0, position: string | null | undefined = this.position;
    for (const { waiting, taken } of this.#loops) {
      if (waiting.length <= max) continue;
      max = waiting.length;
      position = taken?.position; // undefined: it has taken nothing
    }
    if (key && connection && target && position) savePosition(key, { target, position, isAnew });
  }

  protected deliver(notification: TidingsNotification): void {
    this.dispatch("notification", notification);
    for (const loop of this.#loops) {
      if (loop.isLeft) this.#loops.delete(loop);
      else if (!loop.push(notification)) this.onMissed("unread");
    }
  }

  protected onMissed(why: Missed["why"]): void {
    this.dispatch("missed", { why });
  }

  /** Reports an error after which the connection goes on. */
  protected onError(message: string, status?: number): void {
    this.dispatch("error", createTidingsError(message, { final: false, status }));
  }

  /** Ends all loops. An error is final: the loops throw it, and the listeners receive it. */
  protected onEnd(error?: TidingsError): void {
    this.#hasEnded = true;
    for (const loop of this.#loops) loop.end(error);
    if (error) this.dispatch("error", error);
  }

  protected dispatch<Type extends keyof TidingsEvents>(
    type: Type,
    detail: TidingsEvents[Type]["detail"],
  ): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
