/** The frames of one publisher's socket that are not answered yet, in their order and within limits. */

import { Buffer } from "node:buffer";
import { MAX_UNANSWERED } from "../../wire/publish_socket.ts";
import { countNotifications } from "./count_notifications.ts";

/** A frame that is not answered yet. */
export interface UnansweredFrame {
  /** The text of the frame. Null if the node had no room for it. */
  readonly json: string | null;
  readonly bytes: number;
  readonly notifications: number;
}

/** The bytes of all unanswered frames of a node. An owner, a publisher key, has a share. */
export interface UnansweredBudget {
  take(owner: string, bytes: number): boolean;
  release(owner: string, bytes: number): void;
}

/** How much of one socket is published at a time, so that the answers that it does not read stay few. */
const MAX_TAKEN_BYTES = 64 * 1024;

export class UnansweredFrames {
  readonly #owner: string;
  readonly #budget: UnansweredBudget;
  #frames: UnansweredFrame[] = []; // the oldest first
  #bytes = 0;
  #notifications = 0;

  constructor(owner: string, budget: UnansweredBudget) {
    this.#owner = owner;
    this.#budget = budget;
  }

  get size(): number {
    return this.#frames.length;
  }

  /**
   * Adds a frame, without its text if the node has no room for that. Returns false, and adds nothing, if the publisher has
   * sent more than may be unanswered.
   */
  add(json: string): boolean {
    if (json.length > MAX_UNANSWERED.bytes) return false;
    const bytes = Buffer.byteLength(json);
    const notifications = countNotifications(json, MAX_UNANSWERED.notifications);
    if (this.#bytes + bytes > MAX_UNANSWERED.bytes) return false;
    if (this.#notifications + notifications > MAX_UNANSWERED.notifications) return false;
    const hasRoom = this.#budget.take(this.#owner, bytes);
    this.#frames.push(hasRoom ? { json, bytes, notifications } : { json: null, bytes: 0, notifications });
    if (hasRoom) this.#bytes += bytes;
    this.#notifications += notifications;
    return true;
  }

  /** Returns the oldest frames, those that fit into 64 KiB together: at least one, if there is one. */
  oldest(): readonly UnansweredFrame[] {
    let bytes = 0;
    const end = this.#frames.findIndex((frame, index) =>
      (bytes += frame.bytes) > MAX_TAKEN_BYTES && index > 0
    );
    return end < 0 ? [...this.#frames] : this.#frames.slice(0, end);
  }

  /** The oldest frames are answered. */
  answered(count: number): void {
    for (const frame of this.#frames.splice(0, count)) this.#release(frame);
  }

  /** Forgets all of them. */
  clear(): void {
    this.answered(this.#frames.length);
  }

  #release({ bytes, notifications }: UnansweredFrame): void {
    this.#bytes -= bytes;
    this.#notifications -= notifications;
    if (bytes > 0) this.#budget.release(this.#owner, bytes);
  }
}
