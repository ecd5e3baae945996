/** The WebSocket of one publisher: publishes what its frames contain, and answers them in their order. */

import type { Transport, TransportListener } from "../../connection/transport.ts";
import { CLOSE, type Close } from "../../wire/close_codes.ts";
import type { Problem } from "../../wire/problem.ts";
import { PUBLISH_WELCOME } from "../../wire/publish_socket.ts";
import type { PublisherAllowance } from "../allowance.ts";
import type { PublishDeps } from "../publish.ts";
import { publishFrames, type PublishFramesDeps } from "./publish_frames.ts";
import { type UnansweredBudget, type UnansweredFrame, UnansweredFrames } from "./unanswered_frames.ts";

/** What the sockets of a node share. */
export interface PublisherSocketDeps {
  readonly intake: PublishDeps;
  readonly budget: UnansweredBudget;
  /** Resolves when it is the turn of a large frame of this owner, or of many: parsing them can take 50 ms. */
  readonly turnOfLarge: (owner: string) => Promise<void>;
  /** Resolves when at most this many bytes are buffered. Rejects if the publisher does not read for too long. */
  readonly drained: (transport: Transport, maxBytes: number) => Promise<void>;
  /** Returns what the publisher with the key of this name may still send. Null: any number. */
  readonly allowanceOf: (owner: string) => PublisherAllowance | null;
  /** True once the node has begun to stop. */
  readonly isDraining: () => boolean;
  /** Records what was thrown, and returns the problem that answers the frame of this owner. */
  readonly refuse: (error: unknown, owner: string) => Problem;
  readonly report: (error: unknown) => void;
}

/** Is called at the two ends of a socket. */
export interface PublisherSocketObserver {
  /** Nothing is accepted or answered any more. @param close null if the publisher has left by itself */
  onEnd(socket: PublisherSocket, close: Close | null): void;
  /** The socket is gone, and takes up nothing any more. Called once. */
  onGone(socket: PublisherSocket): void;
}

const WELCOME = JSON.stringify([PUBLISH_WELCOME]);
const HIGH_WATER_BYTES = 64 * 1024; // a socket that buffers more does not keep up
const LARGE_BYTES = 64 * 1024;
const MANY_FRAMES = 200;

/**
 * A frame is published as it comes. What comes meanwhile is published together after that, so no frame overtakes another,
 * and their answers go out in one frame. A Deno socket has no backpressure for what arrives, so more than may be
 * unanswered ends the connection. While a publisher does not read its answers, nothing more of it is published, and what
 * it has sent counts as unanswered.
 */
export class PublisherSocket implements TransportListener {
  readonly owner: string;
  readonly #deps: PublisherSocketDeps;
  readonly #observer: PublisherSocketObserver;
  readonly #unanswered: UnansweredFrames;
  readonly #publishing: PublishFramesDeps;
  #transport: Transport | undefined;
  #isOpen = false;
  #isPublishing = false;
  #isBlocked = false; // the publisher does not read its answers
  #isStopping = false;
  #hasEnded = false;
  #isGone = false;

  /** @param owner the name of the publisher's key */
  constructor(
    owner: string,
    { deps, observer }: { deps: PublisherSocketDeps; observer: PublisherSocketObserver },
  ) {
    this.owner = owner;
    this.#deps = deps;
    this.#observer = observer;
    this.#unanswered = new UnansweredFrames(owner, deps.budget);
    this.#publishing = {
      intake: deps.intake,
      allowance: deps.allowanceOf(owner),
      refuse: (error) => deps.refuse(error, owner),
      turn: () => deps.turnOfLarge(owner),
    };
  }

  /** @param connect makes the transport, with this socket as its listener */
  connect(connect: (listener: TransportListener) => Transport): void {
    this.#transport = connect(this);
  }

  onOpen(): void {
    this.#isOpen = true;
    if (this.#hasEnded) this.#transport?.close(CLOSE.publishersRestart);
    else if (this.#deps.isDraining()) this.end(CLOSE.publishersRestart);
    else this.#transport?.send(WELCOME);
  }

  onFrame(frame: unknown): void {
    if (this.#isStopping || this.#hasEnded) return; // the publisher repeats what was not answered
    if (typeof frame !== "string") return this.end(CLOSE.protocolViolation);
    if (!this.#unanswered.add(frame)) return this.end(CLOSE.tooMuchUnanswered);
    if (!this.#isPublishing) void this.#publishAll();
  }

  /** Answers what has arrived, and then closes. Does not wait for a publisher that does not read. */
  stop(): void {
    this.#isStopping = true;
    if (this.#unanswered.size === 0 || this.#isBlocked) this.end(CLOSE.publishersRestart);
  }

  end(close: Close): void {
    if (this.#isOpen && !this.#hasEnded) this.#transport?.close(close);
    this.#end(close);
  }

  onError(error: unknown): void {
    this.#deps.report(error);
    this.end(CLOSE.broken);
  }

  /** May be called twice: by an upgrade that fails, and by a transport. */
  onClose(): void {
    this.#end(null);
    if (!this.#isGone) this.#observer.onGone(this);
    this.#isGone = true;
  }

  #end(close: Close | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#unanswered.clear();
    this.#observer.onEnd(this, close);
  }

  /** Never rejects. */
  async #publishAll(): Promise<void> {
    this.#isPublishing = true;
    while (!this.#hasEnded && this.#unanswered.size > 0) {
      const frames = this.#unanswered.oldest();
      if (isLarge(frames)) await this.#deps.turnOfLarge(this.owner);
      if (this.#hasEnded) break; // the publisher repeats what was not answered
      await this.#publish(frames);
    }
    this.#isPublishing = false;
    if (this.#isStopping) this.end(CLOSE.publishersRestart);
  }

  async #publish(frames: readonly UnansweredFrame[]): Promise<void> {
    const answers = await publishFrames(frames.map(({ json }) => json), this.#publishing);
    const transport = this.#transport;
    if (this.#hasEnded || transport === undefined) return;
    this.#unanswered.answered(frames.length);
    transport.send(`[${answers.join(",")}]`);
    if (transport.buffered > HIGH_WATER_BYTES) await this.#waitForReader(transport);
  }

  async #waitForReader(transport: Transport): Promise<void> {
    if (this.#isStopping) return this.end(CLOSE.publishersRestart);
    this.#isBlocked = true;
    try {
      await this.#deps.drained(transport, HIGH_WATER_BYTES);
    } catch {
      this.end(CLOSE.stuck); // it has read nothing for too long
    }
    this.#isBlocked = false;
  }
}

/** A large frame is published alone. */
function isLarge(frames: readonly UnansweredFrame[]): boolean {
  const [first] = frames;
  return frames.length > MANY_FRAMES || (first !== undefined && first.bytes > LARGE_BYTES);
}
