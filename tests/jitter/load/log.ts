/** What was published, and what arrived of it at all clients together. */

export class Log {
  /** Milliseconds from publishing to arriving, for what arrived first. */
  readonly ages: number[] = [];
  /** Milliseconds from a return until the last missed message. */
  readonly replays: number[] = [];
  doubled = 0;
  cuts = 0;
  /** Returns of clients that had missed something. */
  returns = 0;
  recovered = 0;
  unrecovered = 0;
  failures = 0;
  /** Called for each message that arrived at a client for the first time. */
  onDelivery: () => void = () => {};
  readonly #postedAt: number[] = [];
  #accepted = 0;

  /** The number of messages that the server has accepted: those from 1 to this one. */
  get accepted(): number {
    return this.#accepted;
  }

  post(seq: number, now: number): void {
    this.#postedAt[seq] = now;
  }

  accept(seq: number): void {
    this.#accepted = seq;
  }

  deliver(seq: number, now: number): void {
    this.ages.push(now - (this.#postedAt[seq] ?? NaN));
    this.onDelivery();
  }
}
