/** The streams of lines of a node: how many there are, and when they end. */

import { Shares } from "../async/shares.ts";
import { Problem, unavailable } from "../wire/problem.ts";
import { LargeBodies } from "./large_bodies.ts";
import { LineSplitter } from "./line_splitter.ts";
import { type Lines, LineStream, type LineStreamDeps } from "./line_stream.ts";
import { refuseEncoding } from "./refuse_encoding.ts";

export interface LineStreamsDeps {
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal;
  /** Called with errors that no request has caused. */
  readonly report: (error: unknown) => void;
  readonly limits?: typeof LIMITS;
  /** Lets large lines, and many, take turns with others that the service parses. */
  readonly large?: Pick<LargeBodies, "turn">;
}

/** What one stream needs. */
export interface LinesOptions extends Pick<LineStreamDeps, "answer" | "onRefused"> {
  /** Has a share of the memory. */
  readonly owner: string;
}

const MIB = 1024 * 1024;
const LIMITS = {
  streams: 1_024,
  lineBytes: MIB,
  /** The bytes of all lines that have not ended, and of those of one owner. */
  budget: { capacity: 64 * MIB, share: 16 * MIB },
};
const MAX_IDLE_TICKS = 60;
const MAX_LINES_AT_ONCE = 200;
const MAX_LENGTH_AT_ONCE = 32 * 1024;

export class LineStreams {
  readonly #deps: LineStreamsDeps;
  readonly #limits: typeof LIMITS;
  readonly #budget: Shares;
  readonly #large: Pick<LargeBodies, "turn">;
  readonly #streams = new Map<LineStream, number>(); // with the tick of the last progress
  #ticks = 0;

  constructor(deps: LineStreamsDeps) {
    this.#deps = deps;
    this.#limits = deps.limits ?? LIMITS;
    this.#budget = new Shares(this.#limits.budget);
    this.#large = deps.large ?? new LargeBodies();
    deps.stopping.addEventListener("abort", () => this.#streams.forEach((_, stream) => stream.end()));
  }

  /**
   * Returns the answers to the lines of a request, each a line.
   *
   * @throws {Problem} `unsupported-encoding`, or `unavailable` if there are too many streams, or the node is stopping
   */
  open(request: Request, options: LinesOptions): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    refuseEncoding(request);
    if (this.#deps.stopping.aborted) throw unavailable("this node is stopping; nothing was accepted");
    if (this.#streams.size >= this.#limits.streams) {
      throw unavailable(`there are already ${this.#limits.streams} streams; nothing was accepted`);
    }
    return request.body === null ? null : this.#start(request.body, options);
  }

  /** Must be called once a second. Ends the streams that have made no progress for 60 seconds. */
  tick(): void {
    this.#ticks++;
    const detail = `nothing arrived, or no answer was read, for ${MAX_IDLE_TICKS} seconds`;
    for (const [stream, since] of this.#streams) {
      if (this.#ticks - since >= MAX_IDLE_TICKS) stream.expire(new Problem("timeout", detail));
    }
  }

  #start(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    { owner, answer, onRefused }: LinesOptions,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const splitter = new LineSplitter({ maxBytes: this.#limits.lineBytes, budget: this.#budget, owner });
    const stream = new LineStream(body, {
      splitter,
      answer: async (lines, first) => {
        if (areMany(lines)) await this.#large.turn(owner);
        return await answer(lines, first);
      },
      onProgress: () => this.#streams.has(stream) && this.#streams.set(stream, this.#ticks),
      onRefused,
      report: this.#deps.report,
    });
    this.#streams.set(stream, this.#ticks);
    void stream.ended.then(() => {
      this.#streams.delete(stream);
      splitter[Symbol.dispose]();
    });
    return stream.answers;
  }
}

/**
 * True if the event loop has to have a turn before these. A chunk holds thousands of lines, and refused ones wait for
 * nothing while they are answered: without the turn, a body of them kept everybody else waiting for a second.
 */
function areMany(lines: Lines): boolean {
  if (lines.length > MAX_LINES_AT_ONCE) return true;
  let length = 0;
  for (const line of lines) if (typeof line === "string") length += line.length;
  return length > MAX_LENGTH_AT_ONCE;
}
