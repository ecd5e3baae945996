/** The write pump: the only writer of a socket. It ends when the socket does, or ends the socket if that is stuck. */

import type { Close } from "../wire/close_codes.ts";
import type { Pump } from "../hub/connection.ts";
import type { Notification, Outbox } from "../hub/outbox.ts";
import type { ServerMessage } from "../wire/protocol.ts";
import { within } from "../async/within.ts";
import type { CatchUp } from "./catch_up.ts";
import { type DrainPoller, StalledError } from "./drain_poller.ts";
import type { EncodeFrame, FrameContents } from "./framing.ts";

/** What a write pump writes to. */
export interface FrameSink {
  readonly open: boolean;
  /** Bytes that were handed over and are not sent yet. */
  readonly buffered: number;
  /** Hands over a frame, whatever is buffered. With it, the browser has the stream up to `position`, if it says one. */
  send(frame: string, position?: string): void;
}

/** Where a write pump gets what it writes, and how it ends the connection. */
export interface WritePumpDeps {
  readonly outbox: Outbox;
  readonly catchUp: CatchUp;
  readonly drains: Pick<DrainPoller, "drained">;
  readonly frameOf: EncodeFrame;
  /** Told what was handed over to the wire. */
  sent(notifications: readonly Notification[]): void;
  end(close: Close): void;
  failed(error: unknown): void;
}

/** A batch on its way to the wire. */
interface PendingFrame {
  readonly frame: string;
  readonly notifications: readonly Notification[];
}

const FRAME_BYTES = 64 * 1024;
const MARK_BYTES = 64 * 1024; // with more than that buffered, the socket doesn't keep up
const MAX_BYTES = 256 * 1024; // no more than the mark and a frame are buffered, but for what is told
const MAX_DISMISSAL_MS = 1_000;
const MIN_DISMISSAL_MS = 50; // a socket that is merely busy drains within that

export class WritePump implements Pump {
  readonly #wire: FrameSink;
  readonly #deps: WritePumpDeps;
  #held: ServerMessage[] | undefined = []; // until the welcome is sent, which comes first
  #pipeline: Promise<void> | undefined;
  #reached: string | null;

  constructor(wire: FrameSink, deps: WritePumpDeps) {
    this.#wire = wire;
    this.#deps = deps;
    this.#reached = deps.outbox.position;
  }

  /** The position up to which the browser was handed its stream; null: it is new, and was not welcomed yet. */
  get reached(): string | null {
    return this.#reached;
  }

  /** Says where the stream starts, and lets it flow. Rejects if the journal cannot be read. */
  async start({ id, target }: { readonly id: string; readonly target: string }): Promise<void> {
    await this.#deps.catchUp.start((start) => {
      const held = this.#held ?? [];
      this.#held = undefined;
      this.#reached = start.position;
      this.tell({ type: "welcome", connection: id, target, ...start }, start.position);
      for (const message of held) this.tell(message);
    });
    this.flush();
  }

  /** Sends a message that is not part of the stream: in a frame of its own, past whatever waits. */
  tell(message: ServerMessage, position?: string): void {
    if (this.#held !== undefined) return void this.#held.push(message);
    if (this.#wire.buffered > MAX_BYTES) {
      return this.#deps.failed(new StalledError("asks, and reads no answer"));
    }
    this.#wire.send(`[${JSON.stringify(message)}]`, position);
  }

  /** Straight to the socket while the outbox is live and the socket keeps up; else through the pipeline. */
  flush(): void {
    const { outbox, frameOf } = this.#deps;
    if (this.#held !== undefined || this.#pipeline !== undefined || !this.#wire.open) return;
    try {
      while (outbox.size > 0 && this.#wire.buffered <= MARK_BYTES) {
        const notifications = outbox.take(FRAME_BYTES);
        this.#send(frameOf({ missed: false, notifications }), notifications);
      }
      if (!outbox.live || outbox.size > 0) this.#pipeline = this.#pipe();
    } catch (error) {
      this.#deps.failed(error); // the hub calls this: it must not be the one to suffer
    }
  }

  async finish(close: Close): Promise<void> {
    this.flush();
    await this.#piped();
    this.#deps.end(close);
  }

  /** The same, but in a second at most, and nearly at once if the socket doesn't keep up. */
  async dismiss(close: Close): Promise<void> {
    const ms = this.#wire.buffered > MARK_BYTES ? MIN_DISMISSAL_MS : MAX_DISMISSAL_MS;
    this.flush();
    await within(this.#piped(), { ms });
    this.#deps.end(close);
  }

  async #piped(): Promise<void> {
    while (this.#pipeline !== undefined) await this.#pipeline;
  }

  #send(frame: string, notifications: readonly Notification[]): void {
    const position = notifications.at(-1)?.position;
    this.#wire.send(frame, position);
    this.#reached = position ?? this.#reached;
    this.#deps.sent(notifications);
  }

  /**
   * Outbox or journal, frames, socket: each asks the one before for more only when it has passed on what it had,
   * so what waits stays in the outbox, or in the journal, for as long as the socket doesn't drain. Costs 7 KB
   * of heap, so it is built when it is needed, and gone when everything is sent.
   */
  async #pipe(): Promise<void> {
    const { drains, frameOf } = this.#deps;
    const drained = () => drains.drained(this.#wire, MARK_BYTES);
    const batches = new ReadableStream<FrameContents>({ pull: (controller) => this.#pull(controller) }, {
      highWaterMark: 0,
    });
    const coalesce = new TransformStream<FrameContents, PendingFrame>({
      transform: (batch, controller) => controller.enqueue({ frame: frameOf(batch), ...batch }),
    });
    const socket = new WritableStream<PendingFrame>({
      start: drained,
      write: ({ frame, notifications }) => {
        this.#send(frame, notifications);
        return drained();
      },
    });
    try {
      await batches.pipeThrough(coalesce).pipeTo(socket);
      this.#pipeline = undefined;
      this.flush(); // what came while the pipeline was coming down
    } catch (error) {
      this.#pipeline = undefined;
      this.#deps.failed(error);
    }
  }

  /** All that waits, as far as it fits into a frame. */
  async #pull(controller: ReadableStreamDefaultController<FrameContents>): Promise<void> {
    const { outbox, catchUp } = this.#deps;
    while (this.#wire.open && (!outbox.live || outbox.size > 0)) {
      const batch = outbox.live
        ? { missed: false, notifications: outbox.take(FRAME_BYTES) }
        : await catchUp.nextPage();
      if (batch.missed || batch.notifications.length > 0) return controller.enqueue(batch);
    }
    controller.close();
  }
}
