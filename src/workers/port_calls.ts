/** Calls from a worker to the owner of the journal through a port: for what is rare or large, and is cloned on the way. */

import { UnavailableError } from "../journal/journal.ts";
import { NoRoomError } from "../presence/presence_records.ts";

/** What can be called, by name. */
export type Methods = Readonly<Record<string, (...parameters: never[]) => unknown>>;

interface Request {
  readonly number: number;
  readonly method: string;
  readonly parameters: readonly never[];
}

type Answer =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly error: string; readonly kind: ErrorKind };

/** What a caller can tell from other errors. */
type ErrorKind = "no room" | "unavailable" | "unexpected";

export interface AnsweringOptions {
  /** Called before each call: what the caller has written before it called comes first. */
  before(): void;
  /** Called with the errors that no caller expects. */
  report(error: unknown): void;
}

/** Answers the calls that come through a port. */
export function serveCalls(port: MessagePort, methods: Methods, { before, report }: AnsweringOptions): void {
  port.onmessage = ({ data }: MessageEvent<Request>) => void answer(data);

  async function answer({ number, method, parameters }: Request): Promise<void> {
    try {
      before();
      const value = await methods[method]?.(...parameters);
      port.postMessage({ number, value } satisfies Answer);
    } catch (error) {
      const kind = kindOf(error), message = error instanceof Error ? error.message : String(error);
      if (kind === "unexpected") report(error);
      port.postMessage({ number, error: message, kind } satisfies Answer);
    }
  }
}

export class PortCalls<M extends Methods> {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #number = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Answer>) => this.#receive(data);
  }

  /** Rejects with a `NoRoomError` or an `UnavailableError` if the method does, and else with an error of the same message. */
  async call<K extends string & keyof M>(
    method: K,
    ...parameters: Parameters<M[K]>
  ): Promise<Awaited<ReturnType<M[K]>>> {
    const waiting = Promise.withResolvers<unknown>(), number = ++this.#number;
    this.#waiting.set(number, waiting);
    this.#port.postMessage({ number, method, parameters } satisfies Request);
    return await waiting.promise as Awaited<ReturnType<M[K]>>; // what the owner's method has returned
  }

  close(): void {
    this.#port.close();
  }

  #receive(answer: Answer): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if ("value" in answer) waiting?.resolve(answer.value);
    else waiting?.reject(errorOf(answer.kind, answer.error));
  }
}

function kindOf(error: unknown): ErrorKind {
  if (error instanceof NoRoomError) return "no room";
  return error instanceof UnavailableError ? "unavailable" : "unexpected";
}

function errorOf(kind: ErrorKind, message: string): Error {
  if (kind === "no room") return new NoRoomError();
  return kind === "unavailable" ? new UnavailableError(message) : new Error(message);
}
