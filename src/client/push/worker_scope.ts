/** The global scope of a service worker, as far as pushes need it. The types of pages do not have it. */

export interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    /** The window that was focused last is the first. */
    matchAll(options: { type: "window"; includeUncontrolled: true }): Promise<readonly WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly navigator: { setAppBadge?(count: number): Promise<void> };
  readonly location: Location;
  /** The application's defaults for what a push shows. */
  readonly tidingsPush?: NotificationOptions & { readonly title?: string };
  addEventListener<Type extends keyof WorkerEvents>(
    type: Type,
    listener: (event: WorkerEvents[Type]) => void,
  ): void;
}

export interface WorkerEvents {
  readonly push: ExtendableEvent & { readonly data: { text(): string } | null };
  readonly notificationclick: ExtendableEvent & { readonly notification: Notification };
  readonly pushsubscriptionchange: ExtendableEvent & { readonly newSubscription?: PushSubscription | null };
}

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

export interface WindowClient {
  readonly url: string;
  readonly visibilityState: DocumentVisibilityState;
  /** `nested`: in another page. */
  readonly frameType: "auxiliary" | "top-level" | "nested" | "none";
  postMessage(message: unknown, transfer: Transferable[]): void;
  focus(): Promise<WindowClient>;
  /** Rejects if another worker, or none, controls the window. */
  navigate(url: string): Promise<WindowClient | null>;
}

export const worker: WorkerScope = globalThis as unknown as WorkerScope;
