/** One stream of lines: a request of any length, whose lines are answered while it goes on. */

import type { Problem } from "../wire/problem.ts";
import type { LineSplitter } from "./line_splitter.ts";

/** Lines of a body, in order. Those that cannot be read are problems. */
export type Lines = readonly (string | Problem)[];

/**
 * Answers lines, each with a text on one line.
 *
 * @param first the index of the first of them in the stream
 */
export type AnswerLines = (
  lines: Lines,
  first: number,
) => Promise<{ readonly answers: readonly string[]; readonly isOpen: boolean }>;

export interface LineStreamDeps {
  readonly splitter: LineSplitter;
  readonly answer: AnswerLines;
  /** Called when something has arrived, or an answer was read. */
  readonly onProgress: () => void;
  /** Called with the problem that ends the stream. */
  readonly onRefused: (problem: Problem) => void;
  /** Called with errors that no line has caused. */
  readonly report: (error: unknown) => void;
}

const MAX_LINES = 1_000; // that are answered together
const MAX_LENGTH = 64 * 1024;
const encoder = new TextEncoder();

/**
 * Two TransformStreams: one splits, one answers. The second is asked for more only when its answers were read, and the
 * first only when its lines were answered, so neither side can be faster than the other for long.
 */
export class LineStream {
  /** Resolves when the stream has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
  readonly answers: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #deps: LineStreamDeps;
  #lines: TransformStreamDefaultController<Lines> | undefined;
  #answers: TransformStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #count = 0;
  #isAnswering = false;
  #isEnding = false;

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>, deps: LineStreamDeps) {
    this.#deps = deps;
    const split = this.#createSplit(), answer = this.#createAnswer();
    this.answers = answer.readable;
    // If the body breaks off, the last line is not whole, and the others get their answers. With an abort, Deno would
    // log that the response failed.
    const reading = body.pipeTo(split.writable, { preventAbort: true })
      .catch(() => this.#lines?.terminate());
    this.ended = Promise.allSettled([reading, split.readable.pipeTo(answer.writable)]);
  }

  /** Ends the stream after the answers to the lines that are being answered. */
  end(): void {
    this.#isEnding = true;
    if (!this.#isAnswering) this.#answers?.terminate();
  }

  /** Ends the stream with this answer, unless it waits for the journal or for room, and not for its client. */
  expire(problem: Problem): void {
    if (this.#isAnswering) return;
    this.#deps.onRefused(problem);
    this.#send([JSON.stringify(problem)]);
    this.end();
  }

  #createSplit(): TransformStream<Uint8Array<ArrayBuffer>, Lines> {
    const { splitter, onProgress } = this.#deps;
    return new TransformStream({
      start: (controller) => void (this.#lines = controller),
      transform(chunk, controller) {
        onProgress();
        for (const lines of batchesOf(splitter.take(chunk))) controller.enqueue(lines);
      },
      flush(controller) {
        for (const lines of batchesOf(splitter.finish())) controller.enqueue(lines);
      },
    });
  }

  #createAnswer(): TransformStream<Lines, Uint8Array<ArrayBuffer>> {
    return new TransformStream({
      start: (controller) => void (this.#answers = controller),
      transform: (lines) => this.#answer(lines),
    });
  }

  async #answer(lines: Lines): Promise<void> {
    const { answer, onProgress, report } = this.#deps;
    onProgress();
    this.#isAnswering = true;
    try {
      const { answers, isOpen } = await answer(lines, this.#count);
      this.#count += lines.length;
      this.#send(answers);
      if (!isOpen || this.#isEnding) this.#answers?.terminate();
    } catch (error) {
      report(error);
      throw error;
    } finally {
      this.#isAnswering = false;
      onProgress();
    }
  }

  #send(answers: readonly string[]): void {
    try {
      this.#answers?.enqueue(encoder.encode(`${answers.join("\n")}\n`));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the client has gone, and needs no answer
    }
  }
}

/** Divides lines so that none of the parts keeps the event loop busy for long. */
function* batchesOf(lines: Lines): Generator<Lines> {
  let from = 0, length = 0;
  for (const [index, line] of lines.entries()) {
    const own = typeof line === "string" ? line.length : 0;
    if (index > from && (index - from === MAX_LINES || length + own > MAX_LENGTH)) {
      yield lines.slice(from, index);
      from = index;
      length = 0;
    }
    length += own;
  }
  if (from < lines.length) yield lines.slice(from);
}
