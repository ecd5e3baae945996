/** Reads bodies that go on for as long as their clients like, and bounds what such streams can hold. */

import { Shares } from "../async/shares.ts";
import { Problem, unavailable } from "../wire/problem.ts";

export interface BodyStreamsDeps {
  /** Ends all streams. */
  readonly stopping: AbortSignal;
  readonly limits?: StreamLimits;
}

interface StreamLimits {
  /** The number of streams at a time. */
  readonly streams: number;
  /** How long a stream can go without a complete message. */
  readonly silentMs: number;
  /** The bytes of incomplete messages: of all streams, and of each owner. */
  readonly bytes: { readonly capacity: number; readonly share: number };
}

const MIB = 1024 * 1024;
const TICKS = 10;
const LIMITS: StreamLimits = {
  streams: 1_024,
  silentMs: 5 * 60_000,
  bytes: { capacity: 128 * MIB, share: 32 * MIB },
};

export class BodyStreams {
  readonly #limits: StreamLimits;
  readonly #bytes: Shares;
  readonly #stopping: AbortSignal;
  readonly #open = new Set<BodyStream>();

  constructor({ stopping, limits = LIMITS }: BodyStreamsDeps) {
    this.#limits = limits;
    this.#bytes = new Shares(limits.bytes);
    this.#stopping = stopping;
    const end = () => this.#open.forEach((stream) => stream.end(stopped()));
    stopping.addEventListener("abort", end, { once: true });
  }

  /** The number of streams that are open. */
  get size(): number {
    return this.#open.size;
  }

  /** @throws {Problem} `unavailable` if there are too many streams, or the node is stopping */
  open(request: Request, owner: string): BodyStream {
    if (this.#stopping.aborted) throw stopped();
    const { streams, silentMs } = this.#limits;
    if (this.#open.size >= streams) throw unavailable(`this node already has ${streams} streams`);
    const stream = new BodyStream(request, {
      silentMs,
      take: (bytes) => this.#bytes.take(owner, bytes),
      release: (bytes) => this.#bytes.release(owner, bytes),
      onClose: () => this.#open.delete(stream),
    });
    this.#open.add(stream);
    return stream;
  }
}

function stopped(): Problem {
  return unavailable("this node is stopping");
}

interface BodyStreamDeps {
  readonly silentMs: number;
  readonly take: (bytes: number) => boolean;
  readonly release: (bytes: number) => void;
  readonly onClose: () => void;
}

/** The body of one stream. It must be closed. */
export class BodyStream implements Disposable {
  readonly #deps: BodyStreamDeps;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  #held = 0; // bytes that no message has used up yet
  #silentTicks = 0;
  #problem: Problem | undefined;

  constructor(request: Request, deps: BodyStreamDeps) {
    this.#deps = deps;
    this.#reader = request.body?.getReader();
    this.#timer = setInterval(() => this.#tick(), deps.silentMs / TICKS);
  }

  /**
   * Yields what arrives.
   *
   * @throws {Problem} why the stream was ended
   */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = await this.#read();
      if (this.#problem !== undefined) throw this.#problem;
      if (chunk === undefined) return;
      if (!this.#deps.take(chunk.length)) throw unavailable("too many request bodies are arriving");
      this.#held += chunk.length;
      yield chunk;
    }
  }

  /** Must be called when a message is complete. */
  progress(): void {
    this.#silentTicks = 0;
    this.#deps.release(this.#held);
    this.#held = 0;
  }

  /** Has `chunks` throw the problem, also if it waits for a chunk. */
  end(problem: Problem): void {
    this.#problem ??= problem;
    this.#reader?.cancel().catch(() => {});
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.progress();
    this.#deps.onClose();
    this.#reader?.cancel().catch(() => {});
  }

  async #read(): Promise<Uint8Array | undefined> {
    try {
      return (await this.#reader?.read())?.value;
    } catch (cause) {
      throw this.#problem ?? new Problem("bad-request", "the stream broke off", { cause });
    }
  }

  /** Called several times while a stream may be silent, which costs a message less than a timer of its own. */
  #tick(): void {
    if (++this.#silentTicks <= TICKS) return;
    const minutes = this.#deps.silentMs / 60_000;
    this.end(new Problem("timeout", `the stream had no complete message for ${minutes} minutes`));
  }
}
