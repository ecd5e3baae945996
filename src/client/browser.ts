/** The browser APIs that the SDK uses and that a worker or Deno may lack. */

import type { ShownNotification } from "./tidings.ts";

export interface Browser {
  readonly document?: { readonly hidden: boolean };
  readonly location?: { readonly href: string };
  readonly navigator?: {
    readonly onLine?: boolean;
    readonly locks?: Locks;
    setAppBadge?(count: number): Promise<void>;
    clearAppBadge?(): Promise<void>;
    readonly serviceWorker?: { getRegistration(): Promise<Registration | undefined> };
  };
  readonly WebSocket?: unknown;
  /** Throws where the browser forbids it. */
  readonly localStorage?: Record<string, string>;
  /** Of the service worker that this runs in. */
  readonly registration?: Registration;
  readonly Notification?: {
    new (title: string, options: ShowOptions): ShownNotification & { onclick: (() => void) | null };
    readonly permission: "granted" | "denied" | "default";
    requestPermission(): Promise<"granted" | "denied" | "default">;
  };
  readonly focus?: () => void;
  readonly addEventListener?: (
    type: string,
    listener: () => void,
    options: { signal: AbortSignal; capture: true },
  ) => void;
}

/** The options of a native notification. */
export interface ShowOptions {
  readonly body?: string;
  readonly icon?: string;
  readonly tag: string;
}

/** The registration of a service worker. */
export interface Registration {
  showNotification(title: string, options: ShowOptions): Promise<void>;
  getNotifications?(): Promise<readonly Pick<ShownNotification, "tag" | "close">[]>;
}

/** The Web Locks API, which only secure contexts have. */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, hold: () => Promise<T>): Promise<T>;
}

export const browser: Browser = globalThis as unknown as Browser;
