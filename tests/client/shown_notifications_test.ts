/** ShownNotifications: closes native notifications that have been read. */

import { assertEquals } from "@std/assert";
import { ShownNotifications } from "../../src/client/shown_notifications.ts";

class FakeNotification extends EventTarget {
  isOpen = true;
  constructor(readonly tag: string) {
    super();
  }
  close(): void {
    this.isOpen = false;
  }
}

function open(notifications: readonly FakeNotification[]): string[] {
  return notifications.filter(({ isOpen }) => isOpen).map(({ tag }) => tag);
}

Deno.test("ShownNotifications closes what this page has shown, and forgets what the user has closed", async () => {
  const shown = new ShownNotifications();
  const all = ["p1", "p2", "p3"].map((tag) => new FakeNotification(tag));
  for (const native of all) shown.add(native);
  all[1]?.dispatchEvent(new Event("close"));
  await shown.close(new Set(["p1", "p2", "p4"]));
  assertEquals(open(all), ["p2", "p3"]);
});

Deno.test("ShownNotifications closes what the service worker has shown", async () => {
  const all = ["p1", "p2"].map((tag) => new FakeNotification(tag));
  const registration = { getNotifications: () => Promise.resolve(all) };
  const { navigator } = globalThis;
  const value = { serviceWorker: { getRegistration: () => Promise.resolve(registration) } };
  Object.defineProperty(globalThis, "navigator", { value, configurable: true });
  try {
    await new ShownNotifications().close(new Set(["p2"]));
  } finally {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  }
  assertEquals(open(all), ["p1"]);
});
