/** Devices for tests: browsers that have subscribed to pushes, at a push service on loopback. */

import { assertEquals } from "@std/assert";
import {
  type PushAnswer,
  PushService,
  type ReceivedPush,
  type TestSubscription,
} from "../push/push_service.ts";

/** The pushes of one test, whose service has to be in development mode, where a push service may be on loopback. */
export class PushDevices implements AsyncDisposable {
  readonly service = new PushService();
  /** Everything that has arrived, in order. */
  readonly received: ReceivedPush[] = [];

  /** Subscribes a new device for the target, and returns what it subscribed with. */
  async subscribe(
    url: string,
    { target = "alexander", answers = [] }: { target?: string; answers?: readonly PushAnswer[] } = {},
  ): Promise<TestSubscription> {
    const subscription = this.service.subscribe(...answers);
    await this.register(url, subscription, target);
    return subscription;
  }

  /** Registers a device that is subscribed already, for example for another target. */
  async register(url: string, subscription: TestSubscription, target: string): Promise<string> {
    const { endpoint, p256dh, auth } = subscription;
    const response = await fetch(`${url}/v1/push/subscriptions?target=${target}`, {
      method: "POST",
      body: JSON.stringify({ endpoint, expirationTime: null, keys: { p256dh, auth } }),
    });
    const answer = await response.json();
    assertEquals(response.status, 201, JSON.stringify(answer));
    return answer.id;
  }

  /** Resolves with the ids of the next pushes that arrive. */
  async next(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) {
      const push = await this.service.pushes.receive();
      this.received.push(push);
      ids.push(idOf(push));
    }
    return ids;
  }

  /** The ids of all pushes that have arrived by now. */
  get ids(): string[] {
    return [...this.received, ...this.service.pushes.peek()].map(idOf);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]();
    assertEquals(this.service.refusals, []);
  }
}

/** The id of the notification that a push is about. */
function idOf({ payload }: ReceivedPush): string {
  return JSON.parse(payload).notification.data.id;
}
