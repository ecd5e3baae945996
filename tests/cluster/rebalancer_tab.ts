/** A tab of a model without sockets: it records the notifications that it receives over all its connections. */

import { assertEquals } from "@std/assert";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import type { Session } from "../../src/connection/session.ts";
import type { Transport } from "../../src/connection/transport.ts";

/** A transport that is never slow. The tab finds out later that it was closed. */
export class ModelTransport implements Transport {
  readonly kind = "websocket";
  readonly buffered = 0;
  readonly #onFrame: (frame: string) => void;
  closed: Close | undefined;

  constructor(onFrame: (frame: string) => void) {
    this.#onFrame = onFrame;
  }

  get open(): boolean {
    return this.closed === undefined;
  }

  send(frame: string): void {
    if (this.open) this.#onFrame(frame);
  }

  close(close: Close): void {
    this.closed ??= close;
  }
}

export class ModelTab {
  readonly received: number[] = [];
  /** Messages that a tab should not receive. */
  readonly unexpected: unknown[] = [];
  position: string | null = null;
  transport = new ModelTransport(() => {});
  session: Session | undefined;
  returnsAt = 0;

  constructor(readonly target: string) {
    this.transport.close(CLOSE.restart); // a tab starts without a connection
  }

  /** Ends the session if its transport was closed. Returns true if it has ended one. */
  endIfClosed(): boolean {
    if (this.transport.open || this.session === undefined) return false;
    assertEquals(this.transport.closed, CLOSE.moved);
    this.session.onClose();
    this.session = undefined;
    return true;
  }

  receive(frame: string): void {
    for (const message of JSON.parse(frame)) {
      if (message.type === "notification") this.received.push(message.data);
      else if (message.type !== "welcome" || message.recovered === false) this.unexpected.push(message);
      this.position = message.position;
    }
  }
}
