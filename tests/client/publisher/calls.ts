/** What the tests of the publisher share. */

import { assertRejects } from "@std/assert";
import type { NotificationToOne, PublishError } from "../../../src/client/publisher/publishing.ts";

export function to(data: unknown, more: { id?: string } = {}): NotificationToOne {
  return { target: "alexander", data, ...more };
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** Lets publishers try again at once. */
export function withoutBackoff(): Disposable {
  const { random } = Math;
  Math.random = () => 0;
  return { [Symbol.dispose]: () => void (Math.random = random) };
}

/** Resolves with the error that the call is rejected with. */
export async function errorFrom(call: Promise<unknown>): Promise<PublishError> {
  return await assertRejects(() => call) as PublishError;
}
