/** A subscriber with the SDK: what counts is what the SDK hands to the application. */

import { connect, type Tidings } from "../../../src/client/client.ts";
import type { Subscriber, SubscriberOptions } from "./subscriber.ts";
import { TabLog } from "./tab_log.ts";

export class SdkTab implements Subscriber {
  readonly transport = "SDK";
  readonly target: string;
  readonly log = new TabLog();
  readonly #options: SubscriberOptions;
  #tidings: Tidings | undefined;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.target = options.target;
  }

  /** Each time is a new page that resumes where the one before it was. */
  async arrive(): Promise<void> {
    const { port, token } = this.#options;
    const tidings = connect(`http://127.0.0.1:${port}`, {
      token: () => token,
      after: this.#tidings?.position ?? null,
    });
    this.#tidings = tidings;
    tidings.addEventListener("notification", ({ detail }) => this.log.deliver(detail));
    tidings.addEventListener("missed", () => this.log.tell());
    await new Promise<void>((resolve, reject) => {
      tidings.addEventListener("state", ({ detail }) => detail.state === "open" && resolve());
      tidings.addEventListener("error", ({ detail }) => detail.final && reject(detail));
    });
  }

  async leave(): Promise<void> {
    await this.#tidings?.close();
  }
}
