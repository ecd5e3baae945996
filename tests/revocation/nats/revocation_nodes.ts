/** Nodes with the revocations of one service in NATS, for tests. */

import type { NatsLink } from "../../../src/nats/link.ts";
import {
  NatsRevocations,
  type NatsRevocationsOptions,
} from "../../../src/revocation/nats/nats_revocations.ts";
import type { Revocation } from "../../../src/revocation/revocations.ts";
import { NOW } from "../../contracts/revocations.ts";
import type { NatsServer } from "../../nats/nats_server.ts";

export class RevocationNodes implements AsyncDisposable {
  readonly losses: string[] = [];
  readonly damaged: number[] = [];
  readonly reported: string[] = [];
  /** What each node has learnt of. */
  readonly known: Revocation[][] = [];
  readonly links: NatsLink[] = [];
  readonly #opened: NatsRevocations[] = [];

  /** Opens one more node, which is connected to this server. */
  async open(server: NatsServer, options: Partial<NatsRevocationsOptions> = {}): Promise<NatsRevocations> {
    return await this.openOver(await server.link(), options);
  }

  /** Opens one more node, which uses a link of its own. */
  async openOver(link: NatsLink, options: Partial<NatsRevocationsOptions> = {}): Promise<NatsRevocations> {
    const known: Revocation[] = [];
    const opening = NatsRevocations.open(link, {
      stream: "tidings",
      replicas: 1,
      maxBytes: 1024 * 1024,
      everyMs: 20,
      now: () => NOW,
      onRevoked: (revocation) => void known.push(revocation),
      onLoss: ({ stream, reason }) => void this.losses.push(`${stream} ${reason}`),
      onDamage: (sequence) => void this.damaged.push(sequence),
      report: (error) => void this.reported.push(String(error)),
      ...options,
    });
    const revocations = await opening.catch((error) => link.close().then(() => Promise.reject(error)));
    this.#opened.push(revocations);
    this.links.push(link);
    this.known.push(known);
    return revocations;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const revocations of this.#opened) await revocations.close();
    for (const link of this.links) await link.close();
  }
}
