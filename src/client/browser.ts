/** The browser APIs that the SDK uses and that a worker or Deno may lack. */

export interface Browser {
  readonly document?: { readonly hidden: boolean };
  readonly location?: { readonly href: string };
  readonly navigator?: { readonly onLine?: boolean; readonly locks?: Locks };
  readonly Notification?: {
    new (title: string, options: { body?: string; icon?: string; tag: string }): {
      onclick: (() => void) | null;
      close(): void;
    };
    readonly permission: "granted" | "denied" | "default";
    requestPermission(): Promise<"granted" | "denied" | "default">;
  };
  readonly focus?: () => void;
  readonly addEventListener?: (
    type: "online" | "offline",
    listener: () => void,
    options: { signal: AbortSignal },
  ) => void;
}

/** The Web Locks API, which only secure contexts have. */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, hold: () => Promise<T>): Promise<T>;
}

export const browser: Browser = globalThis as unknown as Browser;
