/** ServiceSlots: how many pushes are sent at a time, so that a push service that hangs does not hold up the others. */

/** A push service that is being sent to. */
interface Service {
  /** The slots that its sendings hold. */
  held: number;
  /** Its sendings that wait for a slot. Each resolves to whether it has got one. */
  readonly waiting: ((hasSlot: boolean) => void)[];
  /** Runs while sendings wait, and begins again whenever one of the service ends. */
  timer: ReturnType<typeof setTimeout> | undefined;
  /** None of its sendings has ended for a while, although others waited for that. */
  isStalled: boolean;
}

/**
 * A service may hold as many slots as are free: half of them if it is the only one, and less if there are others. So there
 * is room for one more until seven have taken all of 64. While a service has stalled, nothing waits for it.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const slots = new ServiceSlots({ size: 64, stalledMs: 1_000 });
 * assertEquals(await slots.run("push.example.com", () => Promise.resolve("sent")), "sent");
 * ```
 */
export class ServiceSlots {
  readonly #services = new Map<string, Service>(); // only those with sendings
  readonly #stalledMs: number;
  #free: number;

  /** @param options `stalledMs` is how long a sending waits while none of its service ends */
  constructor({ size, stalledMs }: { size: number; stalledMs: number }) {
    this.#free = size;
    this.#stalledMs = stalledMs;
  }

  /** Sends when there is a slot, and settles as the sending does. Resolves to null if the service has stalled. */
  async run<T>(name: string, send: () => Promise<T>): Promise<T | null> {
    const service = this.#services.getOrInsertComputed(
      name,
      (): Service => ({ held: 0, waiting: [], timer: undefined, isStalled: false }),
    );
    if (!this.#take(service) && !await this.#turnOf(name, service)) return null;
    try {
      return await send();
    } finally {
      this.#release(name, service);
    }
  }

  #take(service: Service): boolean {
    if (service.held >= this.#free) return false;
    service.held++;
    this.#free--;
    return true;
  }

  #turnOf(name: string, service: Service): Promise<boolean> {
    if (service.isStalled) return Promise.resolve(false);
    const turn = new Promise<boolean>((resolve) => service.waiting.push(resolve));
    if (service.timer === undefined) this.#restartTimer(name, service);
    return turn;
  }

  #release(name: string, service: Service): void {
    service.held--;
    this.#free++;
    service.isStalled = false;
    this.#restartTimer(name, service);
    for (const [name, service] of [...this.#services]) {
      if (service.waiting.length > 0) this.#startWaiting(name, service);
    }
    this.#forgetIfIdle(name, service);
  }

  #startWaiting(name: string, service: Service): void {
    while (service.waiting.length > 0 && this.#take(service)) service.waiting.shift()?.(true);
    if (service.waiting.length === 0) this.#restartTimer(name, service);
  }

  #restartTimer(name: string, service: Service): void {
    clearTimeout(service.timer);
    service.timer = service.waiting.length === 0
      ? undefined
      : setTimeout(() => this.#turnAway(name, service), this.#stalledMs);
  }

  #turnAway(name: string, service: Service): void {
    service.timer = undefined;
    service.isStalled = true;
    for (const resolve of service.waiting.splice(0)) resolve(false);
    this.#forgetIfIdle(name, service);
  }

  #forgetIfIdle(name: string, { held, waiting }: Service): void {
    if (held === 0 && waiting.length === 0) this.#services.delete(name);
  }
}
