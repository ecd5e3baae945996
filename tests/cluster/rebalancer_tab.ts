/** A tab of a model without sockets: it remembers what arrived, over all the connections that it made. */

import { assertEquals } from "@std/assert";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import type { Session } from "../../src/connection/session.ts";
import type { Transport } from "../../src/connection/transport.ts";

/** A line that is never slow. The tab finds out later that it was closed. */
export class ModelLine implements Transport {
  readonly kind = "websocket";
  readonly buffered = 0;
  readonly #arrive: (frame: string) => void;
  closed: Close | undefined;

  constructor(arrive: (frame: string) => void) {
    this.#arrive = arrive;
  }

  get open(): boolean {
    return this.closed === undefined;
  }

  send(frame: string): void {
    if (this.open) this.#arrive(frame);
  }

  close(close: Close): void {
    this.closed ??= close;
  }
}

export class ModelTab {
  readonly got: number[] = [];
  readonly oddities: unknown[] = [];
  position: string | null = null;
  line = new ModelLine(() => {});
  attendance: Session | undefined;
  returnsAt = 0;

  constructor(readonly target: string) {
    this.line.close(CLOSE.restart); // it was never there
  }

  /** Lets go of its line if that was closed. True if it had one. */
  hasLeft(): boolean {
    if (this.line.open || this.attendance === undefined) return false;
    assertEquals(this.line.closed, CLOSE.moved);
    this.attendance.onClose();
    this.attendance = undefined;
    return true;
  }

  arrive(frame: string): void {
    for (const message of JSON.parse(frame)) {
      if (message.type === "notification") this.got.push(message.data);
      else if (message.type !== "welcome" || message.recovered === false) this.oddities.push(message);
      this.position = message.position;
    }
  }
}
