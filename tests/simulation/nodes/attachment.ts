/** An attachment: one connection as its node has it, with what the node handed to it, which the promises are held to. */

import type { TransportKind } from "../../../src/wire/transport_kind.ts";
import type { BrowserEnd, Handover, NodeEnd } from "../network/browser_end.ts";
import type { Wire } from "../network/wire.ts";
import type { World } from "../runtime/world.ts";

const MAX_FRAME_BYTES = 64 * 1024;
const HIGH_WATER_BYTES = 64 * 1024;
const MESSAGES_BYTES = 8 * 1024; // answers, beside the stream

export interface AttachmentDeps {
  readonly target: string;
  readonly transport: TransportKind;
  /** Milliseconds since 1970, by the clock of the node. */
  readonly expiresAt: number | null;
  readonly browser: BrowserEnd;
  readonly wire: Wire;
}

export class Attachment implements Handover {
  readonly target: string;
  readonly transport: TransportKind;
  readonly expiresAt: number | null;
  readonly browser: BrowserEnd;
  readonly wire: Wire;
  /** The id of the connection, as its welcome says. */
  id: string | null = null;
  /** When each notification was handed to it, by id. */
  readonly handed = new Map<string, number>();
  /** When the node has received the ack of each of them. */
  readonly acked = new Map<string, number>();
  /** When the node has closed it. */
  closedAt = -Infinity;
  /** Since when something waits for it that could not be sent; null: nothing does. */
  stuckSince: number | null = null;
  readonly #world: World;
  #end: NodeEnd | undefined;

  constructor(world: World, { target, transport, expiresAt, browser, wire }: AttachmentDeps) {
    this.#world = world;
    this.target = target;
    this.transport = transport;
    this.expiresAt = expiresAt;
    this.browser = browser;
    this.wire = wire;
  }

  /** Set right after the attachment was made. */
  set end(end: NodeEnd) {
    this.#end = end;
  }

  get end(): NodeEnd {
    if (this.#end === undefined) throw new TypeError("The attachment has no end yet");
    return this.#end;
  }

  onHanded(frame: string, buffered: number): void {
    const { verdict, now } = this.#world;
    const messages: readonly { type: string; id?: string; connection?: string }[] = JSON.parse(frame);
    const stream = messages.filter(({ type }) => type === "notification" || type === "read");
    if (frame.length > MAX_FRAME_BYTES && messages.length > 1) {
      verdict.broken("bounds", `a frame of ${messages.length} messages has ${frame.length} bytes`);
    }
    if (stream.length > 0 && buffered > HIGH_WATER_BYTES + MESSAGES_BYTES) {
      verdict.broken("bounds", `a frame of the stream was sent while ${buffered} bytes were buffered`);
    }
    for (const { type, id, connection } of messages) {
      if (type === "welcome") this.id = connection ?? null;
      if (type === "notification" && id !== undefined) this.handed.set(id, now);
    }
  }

  onReceived(frame: string): void {
    const message: { type: string; ids?: readonly string[] } = JSON.parse(frame);
    if (message.type === "ack") this.onAcked(message.ids ?? []);
  }

  onClosing(): void {
    this.closedAt = this.#world.now;
  }

  /** Called when the node has received acks over this connection. */
  onAcked(ids: readonly string[]): void {
    const { now } = this.#world;
    for (const id of ids) if (this.handed.has(id) && !this.acked.has(id)) this.acked.set(id, now);
  }
}
