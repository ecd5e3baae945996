/** A model of what each target has read, in its simplest form, and the real devices that tests compare with it. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { Device, inboxOf } from "./marks_device.ts";
import { TestService } from "./test_service.ts";

/** Two devices of Alexander on different nodes, if there are two, and one of Burr. */
export const DEVICES = [{ target: "alexander", node: 0 }, { target: "alexander", node: 1 }, {
  target: "burr",
  node: 0,
}] as const;
export const TARGETS = ["alexander", "burr"] as const;
export const PER_TARGET = 5;
export const RETENTION_SECONDS = 60;

interface Kept {
  readonly id: string;
  readonly target: string | null;
  readonly topic: string | null;
  readonly expiresAt: number;
  /** The targets that have read it. */
  readonly readBy: Set<string>;
}

/** What is kept, oldest first, and who has read it. */
export class Model {
  #kept: Kept[] = [];
  accepted = 0;
  now = Date.UTC(1804, 6, 11);
  readonly #countsTopics: boolean;

  /** @param countsTopics whether notifications with a topic count among those of a target; NATS does not count them */
  constructor({ countsTopics }: { readonly countsTopics: boolean }) {
    this.#countsTopics = countsTopics;
  }

  notify(one: Omit<Kept, "readBy">): void {
    this.#kept = this.#kept.filter(({ target, topic }) =>
      topic === null || topic !== one.topic || target !== one.target
    );
    this.#kept.push({ ...one, readBy: new Set() });
    const isCounted = ({ target, topic }: Kept) =>
      target === one.target && (topic === null || this.#countsTopics);
    const own = this.#kept.filter(isCounted);
    for (const crowdedOut of own.slice(0, -PER_TARGET)) this.#kept.splice(this.#kept.indexOf(crowdedOut), 1);
  }

  mark(target: string, { type, ids }: { type: "read" | "unread"; ids: readonly string[] }): void {
    for (const { id, readBy } of this.#kept) {
      if (!ids.includes(id)) continue;
      if (type === "read") readBy.add(target);
      else readBy.delete(target);
    }
  }

  /** What is kept for a target and has not expired, oldest first. */
  of(target: string): readonly Kept[] {
    return this.#kept.filter((one) => (one.target ?? target) === target && one.expiresAt > this.now);
  }

  /** The ids in the inbox of a target, newest first, and whether they are read. */
  inbox(target: string): [string, boolean][] {
    return this.of(target).map(({ id, readBy }): [string, boolean] => [id, readBy.has(target)]).reverse();
  }
}

/** One node or two, which run by the clock of the model, and the devices that connect to them. */
export class RealSystem {
  readonly devices = DEVICES.map(({ target, node }) => new Device(target, () => this.#serviceOf(node)));
  readonly #model: Model;
  readonly #environments: readonly Record<string, string>[];
  #services: readonly TestService[] = [];

  /** @param environments one for each node */
  constructor(model: Model, environments: readonly Record<string, string>[]) {
    this.#model = model;
    this.#environments = environments;
  }

  get services(): readonly TestService[] {
    return this.#services;
  }

  #serviceOf(node: number): TestService {
    const service = this.#services[node] ?? this.#services[0];
    assert(service !== undefined);
    return service;
  }

  async start(): Promise<void> {
    const now = () => this.#model.now;
    this.#services = await Promise.all(this.#environments.map((one) => TestService.start(one, { now })));
  }

  async stop(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.cut()));
    await Promise.all(this.#services.map((service) => service.stop()));
  }

  device(index: number): Device {
    const device = this.devices[index];
    assert(device !== undefined);
    return device;
  }

  /** Asserts that every node's inboxes are those of the model, and that every connected device agrees with them. */
  async assertAgrees(): Promise<void> {
    for (const target of TARGETS) {
      const expected = this.#model.inbox(target);
      for (const { url } of this.#services) {
        await settled(async () => {
          const { notifications, unread } = await inboxOf(url, target);
          assertEquals(notifications.map(({ id, read }) => [id, read]), expected);
          assertEquals(unread, expected.filter(([, isRead]) => !isRead).length);
        });
      }
      for (const device of this.devices.filter((one) => one.target === target && one.isConnected)) {
        await settled(() => assertEquals(device.view(expected.map(([id]) => id)), expected));
      }
    }
  }
}

/** Waits until the assertion holds. Fails as the assertion does. */
async function settled(assertion: () => void | Promise<void>): Promise<void> {
  let failure: unknown;
  await eventually(async () => {
    try {
      await assertion();
      return true;
    } catch (error) {
      failure = error;
      return false;
    }
  }).catch(() => {
    throw failure;
  });
}
