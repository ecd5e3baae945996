/** Calls from one isolate to another through a port: for what is rare or large. Values are cloned, errors keep their kind. */

import { UnavailableError } from "../journal/journal.ts";

type Request = { readonly number: number; readonly method: string; readonly parameters: readonly unknown[] };
type Answer =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly error: string; readonly isUnavailable: boolean };

/** What can be called. */
export type Methods = Readonly<Record<string, (...parameters: never[]) => unknown>>;

/** Answers the calls that come through a port. */
export function serveCalls(port: MessagePort, methods: Methods, report: (error: unknown) => void): void {
  port.onmessage = async ({ data }: MessageEvent<Request>) => {
    const { number, method, parameters } = data;
    try {
      const value = await methods[method]?.(...parameters as never[]);
      port.postMessage({ number, value } satisfies Answer);
    } catch (error) {
      const isUnavailable = error instanceof UnavailableError;
      if (!isUnavailable) report(error);
      const message = error instanceof Error ? error.message : String(error);
      port.postMessage({ number, error: message, isUnavailable } satisfies Answer);
    }
  };
}

export class PortCalls {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #number = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.get(data.number);
      this.#waiting.delete(data.number);
      if ("value" in data) waiting?.resolve(data.value);
      else waiting?.reject(data.isUnavailable ? new UnavailableError(data.error) : new Error(data.error));
    };
  }

  /** Rejects with what the method rejects with. */
  async call<T>(method: string, ...parameters: readonly unknown[]): Promise<T> {
    const waiting = Promise.withResolvers<unknown>(), number = ++this.#number;
    this.#waiting.set(number, waiting);
    this.#port.postMessage({ number, method, parameters } satisfies Request);
    return await waiting.promise as T;
  }

  close(): void {
    this.#port.close();
  }
}
