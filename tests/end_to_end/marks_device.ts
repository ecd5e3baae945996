/** A device that keeps an inbox as a page does: it loads the inbox, connects after it, and applies what it receives. */

import { assert, assertEquals } from "@std/assert";
import type { TestService } from "./test_service.ts";
import type { InboxAnswer } from "../http/inbox_answer.ts";

export async function inboxOf(url: string, target: string): Promise<InboxAnswer> {
  const response = await fetch(`${url}/v1/inbox?${new URLSearchParams({ target, limit: "200" })}`);
  assertEquals(response.status, 200);
  return await response.json();
}

/** A message from the service, with the fields that the device looks at. */
interface ServerMessage extends MarkState {
  readonly type: "welcome" | "notification" | "read" | "marked" | "error";
  readonly id: string;
  readonly ref: string;
  readonly position: string;
  readonly recovered: boolean | null;
}

interface MarkState {
  readonly through: string | null;
  readonly read: readonly string[];
  readonly unread: readonly string[];
}

export class Device {
  readonly target: string;
  readonly #service: () => TestService;
  /** The position of each notification that it knows, by id: a notification may come twice after a reload. */
  readonly #positions = new Map<string, string>();
  readonly #answers = new Map<string, PromiseWithResolvers<string>>();
  #state: MarkState = { through: null, read: [], unread: [] };
  #position: string | null = null;
  #socket: WebSocket | undefined;
  #refs = 0;

  constructor(target: string, service: () => TestService) {
    this.target = target;
    this.#service = service;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  /** Connects after what it has, or after an inbox that it loads. */
  async connect(): Promise<void> {
    if (this.#position === null) await this.#load();
    const query = new URLSearchParams({ target: this.target, after: this.#position ?? "" });
    const socket = new WebSocket(`ws://127.0.0.1:${this.#service().port}/v1/connect?${query}`, "tidings.v1");
    const { promise: welcomed, resolve } = Promise.withResolvers<boolean>();
    socket.onmessage = ({ data }) => {
      for (const message of JSON.parse(data)) this.#take(message, resolve);
    };
    this.#socket = socket;
    if (await welcomed) return;
    await this.cut(); // it lost something, so it begins anew, as a page would
    this.#position = null;
    await this.connect();
  }

  async cut(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  }

  /** Marks notifications, and resolves when the service has confirmed it. */
  async mark(mark: { readonly type: "read" | "unread"; readonly ids: readonly string[] }): Promise<void> {
    const positions = mark.ids.map((id) => this.positionOf(id));
    await this.#send({ type: mark.type, positions });
  }

  async readThrough(id: string): Promise<void> {
    await this.#send({ type: "read", through: this.positionOf(id) });
  }

  knows(id: string): boolean {
    return this.#positions.has(id);
  }

  positionOf(id: string): string {
    const position = this.#positions.get(id);
    assert(position !== undefined, `${id} did not reach the device`);
    return position;
  }

  /** Whether each of these notifications is read, by what the device has received. Unknown ones are missing. */
  view(ids: readonly string[]): [string, boolean][] {
    return ids.filter((id) => this.knows(id)).map((id) => [id, this.#isRead(this.positionOf(id))]);
  }

  async #send(message: Record<string, unknown>): Promise<void> {
    const ref = `ref-${++this.#refs}`, answer = Promise.withResolvers<string>();
    this.#answers.set(ref, answer);
    this.#socket?.send(JSON.stringify({ ...message, ref }));
    assert(await answer.promise === "marked");
  }

  async #load(): Promise<void> {
    const { url } = this.#service();
    const { notifications, position, through } = await inboxOf(url, this.target);
    const known = (read: boolean) =>
      notifications.filter((one) => one.read === read && read !== (one.position <= (through ?? "")))
        .map((one) => one.position);
    this.#state = { through, read: known(true), unread: known(false) };
    this.#positions.clear();
    for (const { id, position } of notifications) this.#positions.set(id, position);
    this.#position = position;
  }

  #take(message: ServerMessage, welcomed: (isWhole: boolean) => void): void {
    if (message.type === "welcome") welcomed(message.recovered === true);
    if (message.type === "marked" || message.type === "error") {
      this.#answers.get(message.ref)?.resolve(message.type);
    }
    if (message.type === "notification") this.#positions.set(message.id, message.position);
    if (message.type === "read") this.#state = message;
    if (message.type === "notification" || message.type === "read") {
      assert(message.position > (this.#position ?? ""), "each position once, and in order");
      this.#position = message.position;
    }
  }

  #isRead(position: string): boolean {
    const { through, read, unread } = this.#state;
    return position <= (through ?? "") ? !unread.includes(position) : read.includes(position);
  }
}
