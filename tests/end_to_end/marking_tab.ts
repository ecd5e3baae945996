/** A tab that marks notifications, over a WebSocket or beside an event stream. */

import { assert, assertEquals } from "@std/assert";
import { EventReader } from "./event_reader.ts";
import { type Message, Tab } from "./tab.ts";
import type { TestService } from "./test_service.ts";

export const TRANSPORTS = ["a WebSocket", "an event stream"] as const;

/** The state of a mark, without its position and time. */
export interface ReadState {
  readonly through: string | null;
  readonly read: readonly string[];
  readonly unread: readonly string[];
}

interface Transport extends AsyncDisposable {
  readonly welcome: Message;
  /** Resolves with the status of the request that carries the text, or with 204 for a frame. */
  send(text: string): Promise<number>;
  next(): Promise<Message>;
}

export class MarkingTab implements AsyncDisposable {
  readonly #transport: Transport;

  private constructor(transport: Transport) {
    this.#transport = transport;
  }

  static async open(
    service: TestService,
    over: typeof TRANSPORTS[number],
    query: { target: string; after?: string },
  ): Promise<MarkingTab> {
    const open = over === "a WebSocket" ? openSocket : openStream;
    return new MarkingTab(await open(service, query));
  }

  get welcome(): Message {
    return this.#transport.welcome;
  }

  /** Sends messages in one frame or request. */
  send(...messages: readonly unknown[]): Promise<number> {
    return this.#transport.send(JSON.stringify(messages));
  }

  next(): Promise<Message> {
    return this.#transport.next();
  }

  /** Resolves with the next message, and fails unless it has this type. */
  async nextOf(type: Message["type"]): Promise<Message> {
    const message = await this.next();
    assertEquals(message.type, type, JSON.stringify(message));
    return message;
  }

  /** Resolves with the next messages, until one of each of these types has come, by their types. */
  async nextOfEach(...types: readonly Message["type"][]): Promise<Partial<Record<Message["type"], Message>>> {
    const found: Partial<Record<Message["type"], Message>> = {};
    for (const _ of types) {
      const message = await this.next();
      assert(types.includes(message.type) && !(message.type in found), JSON.stringify(message));
      found[message.type] = message;
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }
}

export function stateOf(mark: Message | undefined): ReadState {
  assert(mark?.type === "read", JSON.stringify(mark));
  const { through, read, unread } = mark;
  return { through, read, unread };
}

async function openSocket(service: TestService, query: Record<string, string>): Promise<Transport> {
  const { tab, welcome } = await Tab.open(service.port, query);
  return {
    welcome,
    next: () => tab.next(),
    send(text) {
      tab.send(text);
      return Promise.resolve(204);
    },
    [Symbol.asyncDispose]: () => tab.close(),
  };
}

async function openStream(service: TestService, query: Record<string, string>): Promise<Transport> {
  const reader = await EventReader.open(service.port, query);
  const welcome = await reader.welcome();
  const received: Message[] = [];
  return {
    welcome,
    async next() {
      if (received.length === 0) received.push(...await reader.messages() ?? []);
      const [message] = received.splice(0, 1);
      assert(message !== undefined, "the stream has ended");
      return message;
    },
    async send(text) {
      const response = await fetch(`${service.url}/v1/received?target=${query.target}`, {
        method: "POST",
        body: `{"connection":"${welcome.connection}","messages":${text}}`,
      });
      await response.body?.cancel();
      return response.status;
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}
