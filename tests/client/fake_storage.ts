/** A `localStorage` for tests: in memory, broken, or missing. */

/** Replaces `localStorage` until it is disposed. A function is called when it is accessed. */
export function withStorage(storage: Record<string, string> | (() => never) | undefined): Disposable {
  const original = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get: () => typeof storage === "function" ? storage() : storage,
  });
  return {
    [Symbol.dispose]() {
      if (original) Object.defineProperty(globalThis, "localStorage", original);
    },
  };
}
