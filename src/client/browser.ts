/** The browser APIs that the SDK uses and that a worker or Deno may lack. */

export interface Browser {
  readonly document?: { readonly hidden: boolean };
  readonly location?: { readonly href: string };
  readonly navigator?: {
    readonly onLine?: boolean;
    readonly locks?: Locks;
    readonly serviceWorker?: { getRegistration(): Promise<Registration | undefined> };
  };
  readonly WebSocket?: unknown;
  /** Throws where the browser forbids it. */
  readonly localStorage?: Record<string, string>;
  /** Of the service worker that this runs in. */
  readonly registration?: Registration;
  readonly Notification?: {
    new (title: string, options: ShowOptions): {
      onclick: (() => void) | null;
      close(): void;
    };
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
}

/** The Web Locks API, which only secure contexts have. */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, hold: () => Promise<T>): Promise<T>;
}

export const browser: Browser = globalThis as unknown as Browser;
