/** Tidings: `?after=` has the last position (rules C4, P3 and P4 of the protocol). */

import type { Dialect, Ear, Language, Message } from "../dialect.ts";

type ServerMessage =
  | { readonly type: "welcome"; readonly position: string; readonly recovered: boolean | null }
  | { readonly type: "notification"; readonly position: string; readonly data: Message }
  | { readonly type: "missed"; readonly position?: string };

let clients = 0;

class TidingsDialect implements Dialect {
  readonly #target = `client-${clients++}`; // each is a user of its own, and the messages are for everyone
  #position = "";

  path(): string {
    const after = this.#position === "" ? "" : `&after=${this.#position}`;
    return `/v1/connect?target=${this.#target}${after}`;
  }

  open(): void {}

  take(text: string, ear: Ear): void {
    const frame: readonly ServerMessage[] = JSON.parse(text);
    for (const message of frame) {
      this.#position = message.position ?? this.#position;
      if (message.type === "welcome") ear.ready(message.recovered);
      if (message.type === "notification") ear.deliver(message.data);
    }
  }
}

export const tidings: Language = {
  create: () => new TidingsDialect(),
  body: (data) => JSON.stringify({ everyone: true, data }),
};
