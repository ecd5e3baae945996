/** Native notifications where the constructor is missing or throws. */

import { assertEquals } from "@std/assert";
import { createNativeNotifier } from "../../src/client/native_notifications.ts";

const NOTIFICATION = { id: "a", position: "p1", at: "", data: { title: "Hello", body: "there" } };

/** Calls the notifier while these are globals, and returns what it reported. */
async function notifyWith(globals: Record<string, unknown>): Promise<unknown[]> {
  const before = Object.keys(globals).map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
  );
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  const errors: unknown[] = [];
  try {
    await createNativeNotifier(true, (error) => errors.push(error), () => {})(NOTIFICATION);
  } finally {
    for (const [name, descriptor] of before) {
      Reflect.deleteProperty(globalThis, name);
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
    }
  }
  return errors;
}

/** As on Android and in service workers. */
const THROWING = Object.assign(
  function (): never {
    throw new TypeError("Illegal constructor");
  },
  { permission: "granted" },
);

function fakeRegistration() {
  const shown: unknown[] = [];
  return {
    shown,
    showNotification: (...all: unknown[]) => {
      shown.push(all);
      return Promise.resolve();
    },
  };
}

const SHOWN = [["Hello", { body: "there", icon: undefined, tag: "p1" }]];

Deno.test("createNativeNotifier uses the page's registration where the constructor throws", async () => {
  const registration = fakeRegistration();
  const navigator = { serviceWorker: { getRegistration: () => Promise.resolve(registration) } };
  assertEquals(await notifyWith({ Notification: THROWING, navigator }), []);
  assertEquals(registration.shown, SHOWN);
});

Deno.test("createNativeNotifier uses the registration of the service worker that it runs in", async () => {
  const registration = fakeRegistration();
  assertEquals(await notifyWith({ Notification: THROWING, registration }), []);
  assertEquals(registration.shown, SHOWN);
});

Deno.test("createNativeNotifier reports what the constructor threw where there is no registration", async () => {
  const navigator = { serviceWorker: { getRegistration: () => Promise.resolve(undefined) } };
  for (const globals of [{ Notification: THROWING, navigator }, { Notification: THROWING }]) {
    assertEquals((await notifyWith(globals)).map(String), ["TypeError: Illegal constructor"]);
  }
});

Deno.test("createNativeNotifier does nothing where there is no Notification", async () => {
  assertEquals(await notifyWith({ Notification: undefined }), []);
});
