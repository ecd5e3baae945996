/** A tab: it connects, comes back after each loss, and holds its stream to what the ledger says. */

import { adviceOf } from "../../../src/wire/close_codes.ts";
import { type After, EARLIEST } from "../../../src/wire/position.ts";
import type { TabSetting } from "../history/setting.ts";
import type { Cluster } from "../nodes/cluster.ts";
import type { SimNode } from "../nodes/sim_node.ts";
import { journalOf } from "../promises/ledger.ts";
import { checkClose } from "../promises/close_check.ts";
import { StreamCheck, type StreamMessage } from "../promises/stream_check.ts";
import type { Random } from "../runtime/random.ts";
import type { World } from "../runtime/world.ts";
import { TabMarks } from "./tab_marks.ts";
import { TabConnection, type TabConnectionListener, type Welcome } from "./tab_connection.ts";

const RETRY_MS = { refused: 2_000, backOff: 500, none: 2_000 };
const MAX_CONNECT_MS = 8_000;

export class Tab implements TabConnectionListener {
  readonly setting: TabSetting;
  connection: TabConnection | undefined;
  stream: StreamCheck | undefined;
  readonly marks: TabMarks;
  /** True if the tab is to be connected. */
  isWanted = false;
  /** When its stream was last disturbed: it was welcomed, or it has stalled. Infinity while it is. */
  disturbedAt = Infinity;
  /** Since when it reads what arrives. Infinity while it has stalled. */
  readsSince = 0;
  /** When its connection was welcomed. */
  welcomedAt = 0;
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #random: Random;
  #hasTokens = true;

  constructor(
    world: World,
    readonly name: string,
    { setting, cluster }: { readonly setting: TabSetting; readonly cluster: Cluster },
  ) {
    this.setting = setting;
    this.#world = world;
    this.marks = new TabMarks(world);
    this.#cluster = cluster;
    this.#random = world.random(name);
  }

  get isConnected(): boolean {
    return this.connection?.isWelcomed === true;
  }

  /** From now on its tokens do not expire, so that it is at rest some time. */
  rest(): void {
    this.#hasTokens = false;
    this.flow();
  }

  open(): void {
    this.isWanted = true;
    if (this.connection === undefined) this.#connect();
  }

  close(): void {
    this.isWanted = false;
    const { connection } = this;
    connection?.attachment?.end.close();
    connection?.onClosed(null);
  }

  /** Loses its connection, and comes back after a while. */
  cut({ silent, awayMs }: { readonly silent: boolean; readonly awayMs: number }): void {
    const { connection } = this;
    if (connection === undefined) return;
    connection.attachment?.end.cut({ silent });
    connection.isOver = true;
    this.#cluster.changedAt = this.#world.now;
    this.#leave();
    this.#connectLater(awayMs);
  }

  stall(): void {
    this.connection?.attachment?.end.stall();
    this.disturbedAt = this.readsSince = Infinity;
  }

  flow(): void {
    this.connection?.attachment?.end.flow();
    this.disturbedAt = this.readsSince = this.#world.now;
  }

  sendMark(mark: { readonly as: "read" | "unread" | "through"; readonly count: number }): void {
    this.marks.send(mark, { connection: this.connection, node: this.#cluster.pick(this.#random) });
  }

  onWelcome(welcome: Welcome, { request }: TabConnection): void {
    if (welcome.target !== this.setting.target) this.fail(`was welcomed as ${welcome.target}`);
    this.welcomedAt = this.#cluster.changedAt = this.#world.now;
    this.disturbedAt = Math.max(this.welcomedAt, this.readsSince); // it may have stalled meanwhile
    this.stream ??= this.#newStream();
    const { position } = this.stream;
    if (position !== null && journalOf(position) !== journalOf(welcome.position)) {
      this.marks.known = undefined;
    }
    this.stream.onWelcome(welcome, request);
  }

  onMessage(message: StreamMessage): void {
    this.stream?.onMessage(message);
    if (message.type === "read") this.marks.known = message;
    else this.marks.onNotification(message.position);
  }

  onMissed(): void {
    this.stream?.onMissed();
  }

  onEnd(connection: TabConnection, code: number | null): void {
    if (this.connection !== connection) return;
    if (connection.isWelcomed) this.#cluster.changedAt = this.#world.now;
    checkClose(this.#world, { tab: this, connection, code, links: this.#cluster.links });
    this.#leave();
    if (!this.isWanted) return;
    const advice = adviceOf(code ?? 0);
    if (advice === "stay away") this.isWanted = false;
    else if (advice === "come back") this.#connect();
    else this.#connectLater(code !== null && code < 1_000 ? RETRY_MS.refused : RETRY_MS.backOff);
  }

  fail(detail: string): void {
    this.#world.verdict.broken("order", `${this.name} ${detail}`);
  }

  #leave(): void {
    this.connection = undefined;
    this.disturbedAt = Infinity;
    this.readsSince = 0; // the next connection does
  }

  #newStream(): StreamCheck {
    const { target } = this.setting, cluster = this.#cluster;
    return new StreamCheck(this.#world, {
      tab: this.name,
      target,
      hasLost: () => cluster.hasLost,
      hasEvicted: () => cluster.hasEvicted,
    });
  }

  #connectLater(ms: number): void {
    this.#after(ms * this.#random.between(0.5, 1), "comes back", () => {
      if (this.isWanted && this.connection === undefined) this.#connect();
    });
  }

  #connect(): void {
    const node = this.#cluster.pick(this.#random);
    if (node === undefined) return this.#connectLater(RETRY_MS.none);
    const { start } = this.setting, after = this.stream?.position ?? (start === "earliest" ? EARLIEST : null);
    const connection = this.#prepare(node, after);
    const isFirst = this.stream === undefined && start === "inbox";
    this.#at(node, "connects", () => {
      if (!isFirst) return this.#ask(connection);
      node.inbox(this.setting.target, null).then(({ position, mark }) => {
        if (this.connection !== connection) return;
        if (connection.isWelcomed) this.#cluster.changedAt = this.#world.now;
        this.marks.known = mark;
        this.#ask(this.#prepare(node, position));
      }, () => connection.onRefused(503));
    });
  }

  /** Makes the connection that the tab has from now on. It is given up if nothing comes of it. */
  #prepare(node: SimNode, after: After): TabConnection {
    const request = { node, after, headBefore: this.#world.ledger.head };
    const { acks } = this.setting;
    const connection = this.connection = new TabConnection(this.#world, request, { listener: this, acks });
    this.#after(MAX_CONNECT_MS, "is connected by now", () => {
      if (connection.isWelcomed || connection.attachment?.wire.isStalled) return;
      connection.attachment?.end.cut({ silent: false });
      connection.onClosed(null);
    });
    return connection;
  }

  #ask(connection: TabConnection): void {
    const { target, transport, tokenMs } = this.setting, { node, after } = connection.request;
    const request = { target, after, transport, tokenMs: this.#hasTokens ? tokenMs : null };
    void node.connect(request, connection);
  }

  #at({ process }: SimNode, label: string, run: () => void): void {
    this.#world.scheduler.after(this.#random.between(0, 3), { label: `${this.name} ${label}`, process }, run);
  }

  #after(ms: number, label: string, run: () => void): void {
    const { scheduler } = this.#world;
    scheduler.after(ms, { label: `${this.name} ${label}`, process: scheduler.outside }, run);
  }
}
