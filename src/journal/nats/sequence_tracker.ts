/** Tracks which messages of one target have arrived, and detects the ones that are missing. */

import { NO_TOPIC } from "./message.ts";
import { MARK } from "./stored_mark.ts";

/** A message with the sequence number of the one before it on the same subject. */
export interface SubjectLink {
  readonly lastToken: string;
  readonly sequence: number;
  readonly previous: number;
}

/**
 * Each subject is tracked on its own. Most targets have only the subject without a topic and that of marks, which have
 * fields of their own, because a map would cost 200 bytes for each of many targets.
 */
export class SequenceTracker {
  #lastWithoutTopic = 0;
  #lastMark = 0;
  #lastOfTopics: Map<string, number> | undefined;
  #since = Infinity;
  #newest = 0; // on any of the subjects

  /** All messages of a subject up to this number have arrived, or are in the journal of whoever was told of a gap. */
  through(lastToken: string): number {
    return Math.max(this.#last(lastToken), Number.isFinite(this.#since) ? this.#since : 0);
  }

  /** Counts messages after this sequence number as missing if they do not arrive. */
  begin(sequence: number): void {
    this.#since = sequence;
  }

  /** Begins again and forgets what arrived, which may be from another stream. */
  restart(sequence: number): void {
    this.#lastWithoutTopic = this.#lastMark = this.#newest = 0;
    this.#lastOfTopics = undefined;
    this.begin(sequence);
  }

  /** Records an arrival. Returns "gap" if an earlier message is missing, and "repeated" if this one is known. */
  add({ lastToken, sequence, previous }: SubjectLink): "next" | "gap" | "repeated" {
    const last = this.#last(lastToken);
    if (sequence <= last) return "repeated";
    const hasGap = previous > Math.max(last, this.#since) || sequence < this.#newest;
    this.#record(lastToken, sequence);
    return hasGap ? "gap" : "next";
  }

  /** True if this message of the stream should have arrived and did not. Records it, so it is reported once. */
  detectMissing(lastToken: string, sequence: number): boolean {
    if (sequence <= Math.max(this.#last(lastToken), this.#since)) return false;
    this.#record(lastToken, sequence);
    return true;
  }

  #last(lastToken: string): number {
    if (lastToken === NO_TOPIC) return this.#lastWithoutTopic;
    return lastToken === MARK ? this.#lastMark : this.#lastOfTopics?.get(lastToken) ?? 0;
  }

  #record(lastToken: string, sequence: number): void {
    if (lastToken === NO_TOPIC) this.#lastWithoutTopic = sequence;
    else if (lastToken === MARK) this.#lastMark = sequence;
    else (this.#lastOfTopics ??= new Map()).set(lastToken, sequence);
    this.#newest = Math.max(this.#newest, sequence);
  }
}
