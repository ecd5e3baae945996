/** A browser with an application that receives pushes, and a service. */

import { assertEquals } from "@std/assert";
import type { BrowserContext, Page, Worker } from "playwright-core";
import { TestService } from "../end_to_end/test_service.ts";
import { eventually } from "../eventually.ts";
import { launchBrowser } from "./chromium.ts";
import { serveApplication } from "./push_application.ts";
import { PushDelivery } from "./push_delivery.ts";

/** A native notification that is shown. */
export interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly icon: string;
  readonly data: Record<string, unknown>;
}

export class PushBed implements AsyncDisposable {
  readonly service: TestService;
  readonly context: BrowserContext;
  /** The bodies of renewals, and how each is answered. */
  readonly renewals: unknown[] = [];
  readonly answers: Response[] = [];
  readonly #application: Deno.HttpServer<Deno.NetAddr>;
  #delivery: PushDelivery | undefined;

  private constructor(service: TestService, context: BrowserContext) {
    this.service = service;
    this.context = context;
    this.#application = serveApplication(service.url, (body) => {
      this.renewals.push(body);
      return this.answers.shift() ?? new Response(null, { status: 500 });
    });
  }

  /** @param permissions of the application's pages */
  static async create(permissions: readonly string[] = ["notifications"]): Promise<PushBed> {
    const service = await TestService.start();
    const context = await (await launchBrowser()).newContext();
    const bed = new PushBed(service, context);
    await context.grantPermissions([...permissions], { origin: bed.url });
    return bed;
  }

  /** Of the application, which has another origin than the service. */
  get url(): string {
    return `http://127.0.0.1:${this.#application.addr.port}`;
  }

  /** Opens a page of the application, without anything in it. */
  async open(path = "/"): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(this.url + path);
    return page;
  }

  /** Registers the service worker from a page that is reloaded then, so that the worker controls it. */
  async openWithWorker(path = "/"): Promise<Page> {
    const page = await this.open(path);
    await page.evaluate(`navigator.serviceWorker.register("/service_worker.js")
      .then(() => navigator.serviceWorker.ready)`);
    await page.reload();
    return page;
  }

  /** Runs code in the service worker. */
  async inWorker<T>(code: string): Promise<T> {
    let worker: Worker | undefined;
    await eventually(() => (worker = this.context.serviceWorkers()[0]) !== undefined, "a service worker");
    return await (worker as Worker).evaluate<T>(`(async () => ${code})()`);
  }

  /** Delivers a push as the browser's push service would. Resolves when the worker has done with it. */
  async push(payload: unknown): Promise<void> {
    const data = typeof payload === "string" ? payload : JSON.stringify(payload);
    const delivery = this.#delivery ??= await PushDelivery.to(this.context.pages()[0] as Page);
    const before = await this.inWorker<number>("pushes.length");
    await delivery.deliver(data);
    const isDone = () => this.inWorker<boolean>(`pushes.length > ${before} && pending === 0`);
    await eventually(isDone, "the end of the push");
    assertEquals(await this.inWorker("errors"), []);
  }

  /** What pushes and the application have shown, by title. */
  async shown(): Promise<readonly Shown[]> {
    const all = await this.inWorker<Shown[]>(
      `(await registration.getNotifications()).map(({ title, body, tag, icon, data }) => ({ title, body, tag, icon, data }))`,
    );
    return all.toSorted((one, other) => one.title < other.title ? -1 : 1);
  }

  /** Clicks on the notification with this tag. Resolves with what the worker did then. */
  async click(tag: string): Promise<readonly string[]> {
    return await this.inWorker(`{
      const [notification] = await registration.getNotifications({ tag: ${JSON.stringify(tag)} });
      opened.length = 0;
      await call("notificationclick", { notification });
      return opened;
    }`);
  }

  /** What the browser remembers of its subscription; undefined without one. */
  async record(): Promise<Record<string, unknown> | undefined> {
    return await this.#transact("store.get(registration.scope)");
  }

  async saveRecord(record: Record<string, unknown>): Promise<void> {
    await this.#transact(`store.put(${JSON.stringify(record)}, registration.scope)`);
  }

  async #transact<T>(request: string): Promise<T> {
    return await this.inWorker<T>(`new Promise((resolve, reject) => {
      const opening = indexedDB.open("tidings");
      opening.onupgradeneeded = () => opening.result.createObjectStore("push");
      opening.onsuccess = () => {
        const transaction = opening.result.transaction("push", "readwrite"), store = transaction.objectStore("push");
        const request = ${request};
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error);
        opening.result.close();
      };
    })`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.browser()?.close();
    await this.#application.shutdown();
    await this.service.stop();
  }
}

/** The payload that the service sends. */
export function payloadOf(
  { id, target = "alexander", position, ...others }: {
    readonly id: string;
    readonly target?: string;
    readonly position?: string;
    readonly title?: string;
    readonly tag?: string;
    readonly navigate?: string;
  },
): unknown {
  const shown = {
    title: `Title of ${id}`,
    body: `Body of ${id}`,
    navigate: "/",
    tag: `tag-${id}`,
    ...others,
  };
  return { web_push: 8030, notification: { ...shown, data: { id, target, position } } };
}
