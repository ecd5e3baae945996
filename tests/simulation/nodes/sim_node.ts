/** A simulated node: its real parts in a process of its own, with a simulated network instead of HTTP. */

import { within } from "../../../src/async/within.ts";
import type { Session } from "../../../src/connection/session.ts";
import { AckWaits } from "../../../src/http/ack_waits.ts";
import { type AdmitDeps, refuseIfFull, reserveSlot } from "../../../src/http/auth/admit.ts";
import type { InboxPage, ReadChange } from "../../../src/journal/read.ts";
import type { Backend } from "../../../src/service/backend.ts";
import type { Core } from "../../../src/service/core.ts";
import { shutDown } from "../../../src/service/shutdown.ts";
import { publish, type Published } from "../../../src/sources/publish.ts";
import type { After, Position } from "../../../src/wire/position.ts";
import { Problem } from "../../../src/wire/problem.ts";
import type { BrowserMessage } from "../../../src/wire/protocol.ts";
import type { TransportKind } from "../../../src/wire/transport_kind.ts";
import type { BrowserEnd } from "../network/browser_end.ts";
import { SimEventStream } from "../network/sim_event_stream.ts";
import { SimSocket } from "../network/sim_socket.ts";
import { Wire } from "../network/wire.ts";
import type { Process } from "../runtime/process.ts";
import type { World } from "../runtime/world.ts";
import { Attachment } from "./attachment.ts";
import { type ComposedNode, composeNode, type NodeDeps } from "./compose_node.ts";

const DRAIN_MS = 8_500; // a node that needs longer ends with what it has
const CUT_MS = 30; // until Deno's server has cut all sockets

/** What a browser asks for. */
export interface ConnectRequest {
  readonly target: string;
  readonly after: After;
  readonly transport: TransportKind;
  readonly tokenMs: number | null;
}

/** A browser that is told when it is connected. */
export interface TabEnd extends BrowserEnd {
  onAdmitted(attachment: Attachment): void;
}

export class SimNode {
  readonly process: Process;
  /** All connections that this node has had. */
  readonly attachments = new Set<Attachment>();
  /** When a live connection last fell behind, or the journal reported a gap. */
  disturbedAt = -Infinity;
  /** When it began to stop, in milliseconds of the simulation. */
  stoppingSince: number | null = null;
  readonly #world: World;
  readonly #node: ComposedNode;
  readonly #admit: AdmitDeps;
  readonly #waits: AckWaits;

  private constructor(world: World, { process, node }: { process: Process; node: ComposedNode }) {
    this.#world = world;
    this.process = process;
    this.#node = node;
    const { core, backend, admission } = node.running;
    this.#waits = new AckWaits(backend.nodes, core.stopping.signal);
    this.#admit = {
      ...core,
      admission,
      isReachable: backend.isReachable,
      isShortOfMemory: () => false,
      isOriginAllowed: () => true,
      identify: () => Promise.reject(new TypeError("The simulation identifies nobody")),
    };
  }

  /** Must be called in its process. */
  static async start(
    world: World,
    { process, replaceParts }: Pick<NodeDeps, "process" | "replaceParts">,
  ): Promise<SimNode> {
    let sim: SimNode | undefined;
    const node = await composeNode(world, {
      process,
      replaceParts,
      listeners: { shutdown: (deadline) => within(sim?.cutAll() ?? Promise.resolve(), deadline) },
      onDisturbed() {
        if (sim !== undefined) sim.disturbedAt = world.now;
      },
    });
    return sim = new SimNode(world, { process, node });
  }

  get core(): Core {
    return this.#node.running.core;
  }

  get backend(): Backend {
    return this.#node.running.backend;
  }

  /** Admits a connection, or refuses it, as the routes do. */
  async connect({ target, after, transport, tokenMs }: ConnectRequest, browser: TabEnd): Promise<void> {
    const { scheduler } = this.#world;
    const expiresAt = tokenMs === null ? null : scheduler.clock(this.process) + tokenMs;
    try {
      const subscriber = { target, expiresAt, jti: null, issuedAt: null };
      refuseIfFull(subscriber, this.#admit);
      const slot = await reserveSlot(subscriber, this.#admit);
      const admitted = { ...subscriber, after, slot };
      const wire = new Wire(this.#world, { name: `${target} ${this.attachments.size}`, node: this.process });
      const attachment = new Attachment(this.#world, { target, transport, expiresAt, browser, wire });
      this.attachments.add(attachment);
      const ends = { browser, handover: attachment };
      if (transport === "websocket") {
        const socket = attachment.end = new SimSocket(wire, ends);
        this.#node.sessions.attach(socket.socket, admitted);
      } else {
        const stream = attachment.end = new SimEventStream(wire, ends);
        stream.serve(this.#node.sessions.openEventStream(admitted, stream.delivered));
      }
      browser.onAdmitted(attachment);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      browser.onRefused(error.status);
    }
  }

  /** Publishes as `POST /v1/notify` does. Resolves with the result when the publisher would be answered. */
  async notify(json: string): Promise<Published> {
    return await publish({ json, key: null }, this.#node.running.intakes.from("http"));
  }

  /** Waits for acks, as `Prefer: wait` does. Resolves with false if the answer has no reports. */
  async waitForAcks({ accepted, ids }: Published, seconds: number): Promise<boolean> {
    using _slot = this.#waits.reserve();
    const signal = new AbortController().signal;
    return await this.#waits.reports({ accepted: accepted(), ids }, { seconds, signal }) !== null;
  }

  /** True if the queue has room for as much as it may hold, so nothing is being appended. */
  get hasAllRoom(): boolean {
    return this.#node.running.intakes.from("http").hasRoomFor(this.#world.setting.queued);
  }

  mark(target: string, change: ReadChange): Promise<void> {
    return this.#node.running.intakes.mark(target, change);
  }

  inbox(target: string, before: Position | null): Promise<InboxPage> {
    return this.backend.journal.inbox(target, before, { entries: 100, bytes: 1024 * 1024 });
  }

  /** Takes what a browser has posted. */
  receive(target: string, connection: string, messages: BrowserMessage[]): Promise<void> {
    return this.#node.receive(target, { connection, messages });
  }

  connectionsOf(target: string | null): Promise<readonly Session[]> {
    return this.core.hub.connectionsOf(target);
  }

  /** Stops as after SIGTERM. Nothing of it must be left afterwards. */
  async stop(): Promise<void> {
    this.stoppingSince = this.#world.now;
    await shutDown(this.#node.running);
    const hadTime = this.#world.now - this.stoppingSince < DRAIN_MS;
    const left = this.#world.scheduler.pendingOf(this.process).filter(({ label }) =>
      label.startsWith("timer")
    );
    if (hadTime && left.length > 0) {
      const timers = left.map(({ label }) => label);
      this.#world.verdict.broken("stop", `${this.process.name} has stopped, and still has ${timers}`);
    }
    this.kill();
  }

  /** Ends it as SIGKILL does, and with it whatever it has open. */
  kill(): void {
    this.process.kill();
    void this.backend.close();
    this.#cutSockets(null);
  }

  /** What was sent before arrives, and the node notices that the sockets have gone. */
  async cutAll(): Promise<void> {
    await this.#pause(CUT_MS);
    this.#cutSockets(1001);
    await this.#pause(this.#world.setting.latencyMs);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) =>
      void this.#world.scheduler.after(ms, { label: "the server stops" }, resolve)
    );
  }

  #cutSockets(code: number | null): void {
    for (const { end, wire, browser } of this.attachments) {
      if (!wire.isBroken) browser.onClosed(code);
      end.cut({ silent: false });
    }
  }
}
