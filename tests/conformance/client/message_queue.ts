/** The messages of a connection one by one, whatever frames they come in. */

import type { Body } from "./body.ts";
import { equal, fail, present } from "./expect.ts";

export class MessageQueue {
  readonly #nextFrame: () => Promise<readonly Body[]>;
  #waiting: Body[] = [];

  /** @param nextFrame resolves with the messages of the next frame, and rejects at the end */
  constructor(nextFrame: () => Promise<readonly Body[]>) {
    this.#nextFrame = nextFrame;
  }

  async next(): Promise<Body> {
    while (this.#waiting.length === 0) this.#waiting = [...await this.#nextFrame()];
    return present(this.#waiting.shift(), "a message");
  }

  /** Resolves with the next message, and fails if it has another type. */
  async nextOf(type: string): Promise<Body> {
    const message = await this.next();
    equal(message.type, { is: type, in: `the type of ${JSON.stringify(message)}` });
    return message;
  }

  /** Resolves with the next message for which it holds. The others are dropped. */
  async find(isIt: (message: Body) => boolean): Promise<Body> {
    for (;;) {
      const message = await this.next();
      if (isIt(message)) return message;
    }
  }

  /** Resolves with the data of so many notifications. Fails if another message comes. */
  async data(count: number): Promise<unknown[]> {
    const all: unknown[] = [];
    while (all.length < count) all.push((await this.nextOf("notification")).data);
    return all;
  }

  /** Resolves with all messages before the one for which it holds. */
  async before(isIt: (message: Body) => boolean): Promise<Body[]> {
    const all: Body[] = [];
    for (;;) {
      const message = await this.next();
      if (isIt(message)) return all;
      all.push(message);
      if (all.length > 100_000) fail("too many messages");
    }
  }
}
