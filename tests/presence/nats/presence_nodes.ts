/** Nodes with the presence of one service in NATS, for tests. */

import type { NatsLink } from "../../../src/nats/link.ts";
import { NatsLastSeen, type NatsLastSeenOptions } from "../../../src/presence/nats/nats_last_seen.ts";
import { NatsPresence, type NatsPresenceOptions } from "../../../src/presence/nats/nats_presence.ts";
import type { NatsServer } from "../../nats/nats_server.ts";

export class PresenceNodes implements AsyncDisposable {
  readonly losses: string[] = [];
  readonly damaged: number[] = [];
  readonly reported: string[] = [];
  readonly links: NatsLink[] = [];
  readonly #opened: { close(): Promise<void> }[] = [];

  async open(server: NatsServer, options: Partial<NatsPresenceOptions> = {}): Promise<NatsPresence> {
    const link = await this.#link(server);
    const records = await NatsPresence.open(link, {
      ...this.#options(),
      onDamage: (sequence) => void this.damaged.push(sequence),
      ...options,
    });
    this.#opened.push(records);
    return records;
  }

  async openLastSeen(server: NatsServer, options: Partial<NatsLastSeenOptions> = {}): Promise<NatsLastSeen> {
    const link = await this.#link(server);
    const lastSeen = await NatsLastSeen.open(link, {
      ...this.#options(),
      keptMs: 3_600_000,
      now: Date.now,
      ...options,
    });
    this.#opened.push(lastSeen);
    return lastSeen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#opened) await opened.close();
    for (const link of this.links) await link.close();
  }

  async #link(server: NatsServer): Promise<NatsLink> {
    const link = await server.link();
    this.links.push(link);
    return link;
  }

  #options() {
    return {
      stream: "tidings",
      replicas: 1,
      maxBytes: 4 * 1024 * 1024,
      everyMs: 20,
      onLoss: ({ stream, reason }: { stream: string; reason: string }) =>
        void this.losses.push(`${stream} ${reason}`),
      report: (error: unknown) => void this.reported.push(String(error)),
    };
  }
}
