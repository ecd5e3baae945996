/** What browsers have and workers or Deno may lack, as far as it is used here. */

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

/** The Web Locks API. Only secure contexts have it. */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, hold: () => Promise<T>): Promise<T>;
}

export const browser: Browser = globalThis as unknown as Browser;
