/** One connection of a tab: it parses what arrives, answers with acks, and remembers which marks are not answered yet. */

import type { After, Position } from "../../../src/wire/position.ts";
import type { BrowserMessage, ServerMessage } from "../../../src/wire/protocol.ts";
import type { Attachment } from "../nodes/attachment.ts";
import type { SimNode, TabEnd } from "../nodes/sim_node.ts";
import type { StreamMessage } from "../promises/stream_check.ts";
import type { World } from "../runtime/world.ts";

/** What a connection tells its tab. */
export interface TabConnectionListener {
  onWelcome(welcome: Welcome, connection: TabConnection): void;
  onMessage(message: StreamMessage): void;
  onMissed(): void;
  /** @param code null: the connection has broken; a number below 1000: it was refused with this status */
  onEnd(connection: TabConnection, code: number | null): void;
  fail(detail: string): void;
}

export type Welcome = Extract<ServerMessage, { type: "welcome" }>;

const ACK_MS = { min: 150, max: 400 }; // at most ten frames a second are allowed

export class TabConnection implements TabEnd {
  /** The connection, once the node has admitted it. */
  attachment: Attachment | undefined;
  isWelcomed = false;
  isOver = false;
  /** When each mark was sent that is not answered. */
  readonly unansweredMarks = new Map<string, number>();
  readonly #world: World;
  readonly #listener: TabConnectionListener;
  readonly #acks: { readonly isOn: boolean; waiting: string[] };

  constructor(
    world: World,
    readonly request: {
      readonly node: SimNode;
      readonly after: After;
      readonly headBefore: Position | undefined;
    },
    { listener, acks }: { readonly listener: TabConnectionListener; readonly acks: boolean },
  ) {
    this.#world = world;
    this.#listener = listener;
    this.#acks = { isOn: acks, waiting: [] };
  }

  onAdmitted(attachment: Attachment): void {
    this.attachment = attachment;
    if (this.isOver) attachment.end.cut({ silent: false });
  }

  onRefused(status: number): void {
    this.#end(status);
  }

  onClosed(code: number | null): void {
    this.#end(code);
  }

  onFrame(frame: string, eventId?: string): void {
    if (this.isOver) return;
    const messages: readonly (ServerMessage | StreamMessage)[] = JSON.parse(frame), acks: string[] = [];
    this.#world.trace.note(this.attachment?.target ?? "", frame.slice(0, 200));
    for (const message of messages) {
      this.#take(message);
      if (message.type === "notification") acks.push(message.id);
    }
    const last = messages.at(-1);
    const isEvent = this.attachment?.transport === "sse";
    if (isEvent && last !== undefined && "position" in last && eventId !== last.position) {
      this.#listener.fail(`an event has the id ${eventId}, and ends at ${last.position}`);
    }
    if (this.#acks.isOn && acks.length > 0) this.#ack(acks);
  }

  /** Sends a message: over the socket, or in a request of its own to any node. */
  send(message: BrowserMessage, node: SimNode | undefined): void {
    const { attachment } = this;
    if (attachment === undefined || attachment.wire.isStalled || this.isOver) return;
    if (attachment.transport === "websocket") return attachment.end.send(JSON.stringify(message));
    const { id, target } = attachment, { scheduler } = this.#world;
    if (id === null || node === undefined) return;
    scheduler.after(1, { label: "posts", process: node.process }, () => {
      const acked = message.type === "ack" ? message.ids : [];
      node.receive(target, id, [message])
        .then(() => attachment.onAcked(acked), () => {}); // a refusal is an answer too
    });
  }

  #take(message: ServerMessage | StreamMessage): void {
    if (this.isWelcomed === (message.type === "welcome")) {
      this.#listener.fail(`received ${message.type} ${this.isWelcomed ? "after" : "before"} the welcome`);
    }
    switch (message.type) {
      case "welcome":
        this.isWelcomed = true;
        return this.#listener.onWelcome(message, this);
      case "missed":
        return this.#listener.onMissed();
      case "marked":
      case "error":
        return void this.unansweredMarks.delete(message.ref ?? "");
      case "pong":
        return;
      case "notification":
      case "read":
        return this.#listener.onMessage(message);
      default:
        message satisfies never;
    }
  }

  /** Acks what has arrived, a little later and together, and sometimes twice. */
  #ack(ids: readonly string[]): void {
    const { waiting } = this.#acks;
    if (waiting.push(...ids) > ids.length) return;
    const { scheduler } = this.#world, ms = ACK_MS.min + (ids.length % 7) * 35;
    scheduler.after(ms, { label: "acks", process: scheduler.outside }, () => {
      this.send({ type: "ack", ids: waiting.splice(0, 1_000) }, this.request.node);
      if (waiting.length > 0) return this.#ack(waiting.splice(0));
      if (ids.length % 3 === 0) this.send({ type: "ack", ids: ids.slice(0, 1_000) }, this.request.node);
    });
  }

  #end(code: number | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#listener.onEnd(this, code);
  }
}
