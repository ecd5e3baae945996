/** TargetEraser: erases what the streams of the journal keep of a target. */

import type { NatsLink } from "../../nats/link.ts";
import { overwriteMessage } from "../../nats/overwrite_message.ts";
import { StreamCursor } from "../../nats/stream_cursor.ts";
import { targetSubjects } from "./message.ts";
import type { RetentionMarkers } from "./retention_markers.ts";
import type { Topics } from "./topics.ts";

export interface TargetEraserDeps {
  readonly stream: string;
  readonly topics: Pick<Topics, "erase">;
  readonly markers: Pick<RetentionMarkers, "publishNext">;
}

const DELETIONS = 32; // at a time

export class TargetEraser {
  readonly #link: NatsLink;
  readonly #deps: TargetEraserDeps;

  constructor(link: NatsLink, deps: TargetEraserDeps) {
    this.#link = link;
    this.#deps = deps;
  }

  /**
   * Readers learn of the erasure before anything is gone. A purge removes messages without overwriting them, so each is
   * deleted before, which does.
   *
   * @param now milliseconds since 1970
   */
  async erase(target: string, now: number): Promise<void> {
    const { stream, topics, markers } = this.#deps;
    const through = await markers.publishNext(now), filter = targetSubjects(stream, target);
    await topics.erase(target, { completeAfter: through, now });
    const sequences = await this.#sequencesOf(filter, through);
    for (let from = 0; from < sequences.length; from += DELETIONS) {
      const some = sequences.slice(from, from + DELETIONS);
      await Promise.all(some.map((sequence) => overwriteMessage(this.#link, { stream, sequence })));
    }
    await this.#link.manager.streams.purge(stream, { filter, seq: through + 1 });
  }

  async #sequencesOf(subject: string, through: number): Promise<number[]> {
    const sequences: number[] = [];
    const cursor = new StreamCursor(this.#link, {
      stream: this.#deps.stream,
      subject,
      headersOnly: true,
      onMessage: ({ seq }) => void sequences.push(seq),
      isClosed: () => false,
    });
    await cursor.readThrough(through);
    return sequences.filter((sequence) => sequence <= through);
  }
}
