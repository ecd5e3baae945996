/** The server's side of one connection of a publisher: what is unanswered, and whether that is within the limits. */

interface Limits {
  readonly notifications: number;
  readonly bytes: number;
}

export class ServerSide {
  /** True once an answer was left out: nothing after it is answered. */
  isStuck = false;
  /** True once it has refused something for now, which is repeated after what was sent meanwhile. */
  hasRefused = false;
  #last = -1;
  readonly #limits: Limits;
  readonly #unanswered: Limits[] = [];

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Returns what is wrong with another frame, that of a call with this number; null if the server would take it. */
  add(text: string, number = 0): string | null {
    if (number < this.#last && !this.hasRefused) return `call ${number} comes after ${this.#last}`;
    this.#last = number;
    const all: { readonly id?: unknown }[] = [JSON.parse(text)].flat();
    if (all.some(({ id }) => typeof id !== "string")) {
      return `a notification has no id: ${text.slice(0, 200)}`;
    }
    this.#unanswered.push({ notifications: all.length, bytes: new TextEncoder().encode(text).length });
    const sum = (name: keyof Limits) => this.#unanswered.reduce((total, one) => total + one[name], 0);
    const { notifications, bytes } = this.#limits, isAlone = this.#unanswered.length === 1;
    const isWithin = isAlone || (sum("notifications") <= notifications && sum("bytes") <= bytes);
    return isWithin ? null : `${sum("notifications")} notifications of ${sum("bytes")} bytes are unanswered`;
  }

  answered(): void {
    this.#unanswered.shift();
  }
}
