/** What an application learns over its presence webhook. */

import { eventually } from "../eventually.ts";
import { type Answer, Application, SECRET, status } from "../processor/webhook/application.ts";

export interface PresencePayload {
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly target: string; readonly at: string };
}

/** An event, and the `webhook-id` of its request. */
export interface PresenceRequest extends PresencePayload {
  readonly id: string;
}

export class PresenceEvents implements AsyncDisposable {
  /** All requests that were answered with 204, in order. */
  readonly accepted: PresenceRequest[] = [];
  /** Changes how requests are answered. */
  answer: Answer = () => status(204);
  readonly #application: Application;

  /** @param options.port a free one by default */
  constructor(options: { port?: number } = {}) {
    this.#application = new Application(async (posted) => {
      const response = await this.answer(posted);
      const payload = posted.payload as PresencePayload;
      if (response?.status === 204) {
        this.accepted.push({ ...payload, id: posted.headers.get("webhook-id") ?? "" });
      }
      return response;
    }, options);
  }

  get environment(): Record<string, string> {
    return {
      TIDINGS_PRESENCE_WEBHOOK_URL: this.#application.endpoint.url,
      TIDINGS_PRESENCE_WEBHOOK_SECRET: `whsec_${SECRET.toBase64()}`,
    };
  }

  /** The events of a target, without repetitions. */
  of(target: string): PresenceRequest[] {
    const own = this.accepted.filter((event) => event.data.target === target);
    return own.filter(({ id }, index) => own.findIndex((one) => one.id === id) === index);
  }

  typesOf(target: string): string[] {
    return this.of(target).map(({ type }) => type.slice("target.".length));
  }

  /** Resolves when the application was told this many events of the target. */
  async waitFor(count: number, target: string): Promise<readonly PresenceRequest[]> {
    await eventually(() => this.of(target).length >= count, `${count} events of ${target}`);
    return this.of(target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#application[Symbol.asyncDispose]();
  }
}
