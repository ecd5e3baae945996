/** The write pump: the only writer of a transport. It ends with the transport, and closes a transport that stalls. */

import type { Close } from "../wire/close_codes.ts";
import type { Pump } from "../hub/connection.ts";
import type { Notification, Outbox } from "../hub/outbox.ts";
import type { ServerMessage } from "../wire/protocol.ts";
import { within } from "../async/within.ts";
import type { CatchUp } from "./catch_up.ts";
import { type DrainPoller, type SendBuffer, StalledError } from "./drain_poller.ts";
import type { EncodeFrame, FrameContents } from "./frame_encoding.ts";

/** What a write pump writes to. */
export interface FrameSink extends SendBuffer {
  readonly open: boolean;
  /** Sends a frame, however much is buffered. With it the browser has its stream up to `position`, if that is given. */
  send(frame: string, position?: string): void;
}

/** Where a write pump takes its frames from, and how it ends the connection. */
export interface WritePumpDeps {
  readonly outbox: Outbox;
  readonly catchUp: CatchUp;
  readonly drains: Pick<DrainPoller, "drained">;
  readonly encodeFrame: EncodeFrame;
  /** Called after these notifications were handed to the sink. */
  onSent(notifications: readonly Notification[]): void;
  onError(error: unknown): void;
  /** Closes the connection. */
  end(close: Close): void;
}

/** A frame on its way to the sink, and the notifications in it. */
interface PendingFrame {
  readonly frame: string;
  readonly notifications: readonly Notification[];
}

const FRAME_BYTES = 64 * 1024;
const HIGH_WATER_BYTES = 64 * 1024; // a sink that buffers more does not keep up

// The stream buffers at most the high-water mark and a frame. Only messages beside the stream can exceed this.
const MAX_BUFFERED_BYTES = 256 * 1024;

const MAX_DISMISSAL_MS = 1_000;
const MIN_DISMISSAL_MS = 50; // a socket that is merely busy drains within this time

export class WritePump implements Pump {
  readonly #sink: FrameSink;
  readonly #deps: WritePumpDeps;
  #heldMessages: ServerMessage[] | undefined = []; // until the welcome is sent, which must come first
  #pipeline: Promise<void> | undefined;
  #reached: string | null;

  constructor(sink: FrameSink, deps: WritePumpDeps) {
    this.#sink = sink;
    this.#deps = deps;
    this.#reached = deps.outbox.position;
  }

  /** The position up to which the stream was handed to the sink. Null for a new stream before its welcome. */
  get reached(): string | null {
    return this.#reached;
  }

  /** Sends the welcome, and lets the stream flow. Rejects if the journal cannot be read. */
  async start({ id, target }: { readonly id: string; readonly target: string }): Promise<void> {
    await this.#deps.catchUp.start((start) => {
      const held = this.#heldMessages ?? [];
      this.#heldMessages = undefined;
      this.#reached = start.position;
      this.sendMessage({ type: "welcome", connection: id, target, ...start }, start.position);
      for (const message of held) this.sendMessage(message);
    });
    this.flush();
  }

  /** Sends a message that is not part of the stream, in a frame of its own, ahead of whatever waits. */
  sendMessage(message: ServerMessage, position?: string): void {
    if (this.#heldMessages !== undefined) return void this.#heldMessages.push(message);
    if (this.#sink.buffered > MAX_BUFFERED_BYTES) {
      return this.#deps.onError(new StalledError("the browser causes answers and does not read them"));
    }
    this.#sink.send(`[${JSON.stringify(message)}]`, position);
  }

  /** Sends directly while the outbox is live and the sink keeps up. Otherwise it builds the pipeline. */
  flush(): void {
    const { outbox, encodeFrame } = this.#deps;
    if (this.#heldMessages !== undefined || this.#pipeline !== undefined || !this.#sink.open) return;
    try {
      while (outbox.size > 0 && this.#sink.buffered <= HIGH_WATER_BYTES) {
        const notifications = outbox.take(FRAME_BYTES);
        this.#send(encodeFrame({ missed: false, notifications }), notifications);
      }
      if (!outbox.live || outbox.size > 0) this.#pipeline = this.#runPipeline();
    } catch (error) {
      this.#deps.onError(error); // the hub calls flush, and one broken connection must not end the hub
    }
  }

  async finish(close: Close): Promise<void> {
    this.flush();
    await this.#pipelineEnd();
    this.#deps.end(close);
  }

  /** Does what `finish` does, but for at most a second, or 50 ms if the sink does not keep up. */
  async dismiss(close: Close): Promise<void> {
    const ms = this.#sink.buffered > HIGH_WATER_BYTES ? MIN_DISMISSAL_MS : MAX_DISMISSAL_MS;
    this.flush();
    await within(this.#pipelineEnd(), { ms });
    this.#deps.end(close);
  }

  async #pipelineEnd(): Promise<void> {
    while (this.#pipeline !== undefined) await this.#pipeline;
  }

  #send(frame: string, notifications: readonly Notification[]): void {
    const position = notifications.at(-1)?.position;
    this.#sink.send(frame, position);
    this.#reached = position ?? this.#reached;
    this.#deps.onSent(notifications);
  }

  /**
   * Pipes batches from the outbox or the journal through frames to the sink. Each stage asks for more only after it
   * has passed on what it had, so notifications wait in the outbox or the journal until the sink drains. A pipeline
   * costs 7 KB of heap, so it exists only from when it is needed until everything is sent.
   */
  async #runPipeline(): Promise<void> {
    const { drains, encodeFrame } = this.#deps;
    const drained = () => drains.drained(this.#sink, HIGH_WATER_BYTES);
    const batches = new ReadableStream<FrameContents>({ pull: (controller) => this.#pull(controller) }, {
      highWaterMark: 0,
    });
    const encode = new TransformStream<FrameContents, PendingFrame>({
      transform: (batch, controller) => controller.enqueue({ frame: encodeFrame(batch), ...batch }),
    });
    const frames = new WritableStream<PendingFrame>({
      start: drained,
      write: ({ frame, notifications }) => {
        this.#send(frame, notifications);
        return drained();
      },
    });
    try {
      await batches.pipeThrough(encode).pipeTo(frames);
      this.#pipeline = undefined;
      this.flush(); // for notifications that came after the last batch was pulled
    } catch (error) {
      this.#pipeline = undefined;
      this.#deps.onError(error);
    }
  }

  /** Pulls a batch: everything that waits and fits into a frame. */
  async #pull(controller: ReadableStreamDefaultController<FrameContents>): Promise<void> {
    const { outbox, catchUp } = this.#deps;
    while (this.#sink.open && (!outbox.live || outbox.size > 0)) {
      const batch = outbox.live
        ? { missed: false, notifications: outbox.take(FRAME_BYTES) }
        : await catchUp.nextPage();
      if (batch.missed || batch.notifications.length > 0) return controller.enqueue(batch);
    }
    controller.close();
  }
}
